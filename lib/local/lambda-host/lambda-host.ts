import { randomUUID } from 'node:crypto';
import { DeployedFunction, type FunctionStats, type InvocationResult, type LogEntry } from './deployed-function.ts';
import type { FunctionDefinition } from './execution-environment.ts';
import { openInvokeEndpoint } from './invoke-endpoint.ts';
import { startProcessEnvironment } from './process-environment.ts';
import { hopsOf, nextHop } from './recursion.ts';
import { startWorkerEnvironment } from './worker-environment.ts';

export interface LambdaHostOptions {
  /** `worker`: threads of this process; `process`: a process per environment over the Runtime API. @default worker */
  readonly mode?: 'worker' | 'process';
  /** An invocation that leaves a handle open (timer, request, file; not an idle socket) fails. @default false */
  readonly strict?: boolean;
  readonly region?: string;
  readonly onLog?: (entry: LogEntry) => void;
  /** Called when an invocation has ended, asynchronous ones included. */
  readonly onInvocation?: (functionName: string, result: InvocationResult) => void;
}

/** Lambda on this machine: runs bundles as the service does. Everything it starts ends with {@link LambdaHost.close}. */
export interface LambdaHost {
  /** `http://127.0.0.1:port`: serves Invoke; functions find it as AWS_ENDPOINT_URL_LAMBDA. */
  readonly endpoint: string;
  /** Creates or replaces a function; replacing ends its idle environments. */
  deploy(definition: FunctionDefinition): Promise<void>;
  /** Resolves with the outcome, failures included. `traceId` is the caller's X-Amzn-Trace-Id, by which recursions are counted. Throws TooManyRequestsError, and Error for an unknown function. */
  invoke(
    name: string,
    payload: unknown,
    options?: { readonly type?: 'RequestResponse'; readonly traceId?: string },
  ): Promise<InvocationResult>;
  /** Resolves when the event is queued. */
  invokeAsync(name: string, payload: unknown, options?: { readonly traceId?: string }): Promise<{ requestId: string }>;
  /** Ends the function's running environments at once; answers how many there were. */
  kill(name: string): Promise<number>;
  freeze(name: string): void;
  thaw(name: string): void;
  recycle(name: string): Promise<void>;
  stats(name: string): FunctionStats;
  running(name: string): number;
  /** Lets functions enable and disable an event source mapping by this UUID. */
  addMapping(uuid: string, switched: (enabled: boolean) => void): void;
  /** Resolves when no asynchronous event is queued or running. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

type AsyncEvent = { payload: string; requestId: string; traceId: string; acceptedAt: number; attempt: number };

const DEFAULT_EVENT_AGE_MS = 60_000;

export async function createLambdaHost(options: LambdaHostOptions = {}): Promise<LambdaHost> {
  const functions = new Map<string, DeployedFunction>();
  const queues = new Map<string, AsyncEvent[]>();
  const inFlight = new Set<Promise<unknown>>();
  const mappings = new Map<string, (enabled: boolean) => void>();
  let closed = false;

  const find = (name: string): DeployedFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`function not found: '${name}'; deployed are ${[...functions.keys()].join(', ') || 'none'}`);
    return found;
  };

  const track = <T>(work: Promise<T>): Promise<T> => {
    inFlight.add(work);
    const forget = (): boolean => inFlight.delete(work);
    work.then(forget, forget);
    return work;
  };

  // Runs queued events while there are free slots; called whenever an event arrives or a slot is freed.
  const pump = (name: string): void => {
    const target = functions.get(name);
    const queue = queues.get(name);
    if (closed || target === undefined || queue === undefined) return;
    while (queue.length > 0 && target.hasFreeSlot) {
      const event = queue.shift() as AsyncEvent;
      if (Date.now() - event.acceptedAt > (target.definition.maxEventAgeMs ?? DEFAULT_EVENT_AGE_MS)) {
        target.countDropped();
        continue;
      }
      const done = target.invoke(event.payload, event.traceId, event.requestId).then((result) => {
        if (result.functionError === null) return;
        if (event.attempt >= (target.definition.asyncRetries ?? 0)) target.countDropped();
        else queue.push({ ...event, attempt: event.attempt + 1 });
      });
      track(done).then(
        () => pump(name),
        () => pump(name),
      );
    }
  };

  const enqueue = (name: string, payload: unknown, traceId?: string): { requestId: string } => {
    const target = find(name);
    const requestId = randomUUID();
    if (target.definition.recursiveLoop !== 'Allow' && hopsOf(traceId, name) >= 16) target.countDropped();
    else {
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      queue.push({
        payload: JSON.stringify(payload) ?? 'null',
        requestId,
        traceId: nextHop(traceId, name),
        acceptedAt: Date.now(),
        attempt: 0,
      });
      pump(name);
    }
    return { requestId };
  };

  const invoke = async (name: string, payload: unknown, traceId?: string): Promise<InvocationResult> => {
    const target = find(name);
    try {
      return await track(target.invoke(JSON.stringify(payload) ?? 'null', nextHop(traceId, name)));
    } finally {
      pump(name);
    }
  };

  const api = await openInvokeEndpoint({
    knows: (name) => functions.has(name),
    invoke,
    enqueue: (name, payload, traceId) => enqueue(name, payload, traceId),
    switchMapping(uuid, enabled) {
      mappings.get(uuid)?.(enabled);
      return mappings.has(uuid);
    },
  });
  const region = options.region ?? 'us-east-1';
  const around = {
    start: options.mode === 'process' ? startProcessEnvironment : startWorkerEnvironment,
    strict: options.strict ?? false,
    onLog: options.onLog ?? (() => undefined),
    onInvocation: options.onInvocation ?? (() => undefined),
    env: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'local',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ENDPOINT_URL_LAMBDA: api.url,
      TZ: ':UTC',
    },
  };

  return {
    endpoint: api.url,
    async deploy(definition) {
      const previous = functions.get(definition.name);
      functions.set(definition.name, new DeployedFunction(definition, around));
      await previous?.recycle();
    },
    invoke: (name, payload, how) => invoke(name, payload, how?.traceId),
    invokeAsync: async (name, payload, how) => enqueue(name, payload, how?.traceId),
    kill: (name) => find(name).kill(),
    freeze: (name) => find(name).freeze(),
    thaw: (name) => find(name).thaw(),
    recycle: (name) => find(name).recycle(),
    stats: (name) => find(name).stats(),
    running: (name) => find(name).running,
    addMapping: (uuid, switched) => void mappings.set(uuid, switched),
    async drain() {
      while (inFlight.size > 0 || [...queues.values()].some((queue) => queue.length > 0)) await Promise.allSettled([...inFlight]);
    },
    async close() {
      closed = true;
      for (const one of functions.values()) {
        await one.kill();
        await one.recycle();
      }
      await Promise.allSettled([...inFlight]);
      for (const one of functions.values()) await one.recycle();
      await api.close();
    },
  };
}
