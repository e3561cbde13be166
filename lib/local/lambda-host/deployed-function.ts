import { randomUUID } from 'node:crypto';
import {
  EnvironmentDiedError,
  type EnvironmentStarter,
  type ExecutionEnvironment,
  type FunctionDefinition,
} from './execution-environment.ts';

/** What one function has done since it was deployed. */
export interface FunctionStats {
  readonly invocations: number;
  readonly coldStarts: number;
  /** Init included, each invocation rounded up to a whole millisecond: what Lambda bills since 2025-08-01. */
  readonly billedMs: number;
  readonly initMs: number;
  /** Invocations that ended in an error of the handler, of the environment, or in a timeout. */
  readonly errors: number;
  readonly timeouts: number;
  readonly kills: number;
  /** Invocations refused for want of a concurrency slot. */
  readonly throttles: number;
  /** Asynchronous events dropped: too old, out of attempts, or a recursion. */
  readonly dropped: number;
  /** Invocations that left a handle open, and which. */
  readonly openHandles: Readonly<Record<string, number>>;
}

/** How one invocation went. */
export interface InvocationResult {
  readonly requestId: string;
  /** JSON of the answer, or of `{errorType, errorMessage, trace?}`. */
  readonly payload: string;
  /** `Unhandled` when the handler or the environment failed (X-Amz-Function-Error); null = the handler answered. */
  readonly functionError: 'Unhandled' | null;
  readonly coldStart: boolean;
  readonly initMs: number;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly openHandles: readonly string[];
  /** Lines the function wrote during this invocation (its init included), at most the last 200. */
  readonly logs: readonly string[];
}

/** A line of output, with the invocation it belongs to. */
export interface LogEntry {
  readonly functionName: string;
  readonly requestId: string;
  readonly line: string;
}

/** No slot is free: 429 TooManyRequestsException. */
export class TooManyRequestsError extends Error {
  constructor(functionName: string, limit: number) {
    super(`rate exceeded: all ${limit} concurrent executions of function '${functionName}' are in use`);
    this.name = 'TooManyRequestsException';
  }
}

const ACCOUNT_CONCURRENCY = 1000;
const LOG_LINES = 200;

/** What surrounds a function. */
export interface Surroundings {
  readonly start: EnvironmentStarter;
  /** Variables that Lambda sets beside the function's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Open handles make an invocation fail. */
  readonly strict: boolean;
  readonly onLog: (entry: LogEntry) => void;
  readonly onInvocation: (functionName: string, result: InvocationResult) => void;
}

type Running = { environment: ExecutionEnvironment | null; killed: boolean; requestId: string; lines: string[] };

/** One function: its environments, idle ones frozen, and its counters. */
export class DeployedFunction {
  readonly definition: FunctionDefinition;
  readonly #around: Surroundings;
  readonly #idle: { environment: ExecutionEnvironment; slot: Slot }[] = [];
  readonly #running = new Set<Running>();
  #counters = { invocations: 0, coldStarts: 0, billedMs: 0, initMs: 0, errors: 0, timeouts: 0, kills: 0, throttles: 0, dropped: 0 };
  readonly #openHandles: Record<string, number> = {};

  constructor(definition: FunctionDefinition, around: Surroundings) {
    this.definition = definition;
    this.#around = around;
  }

  get concurrency(): number {
    return this.definition.reservedConcurrency ?? ACCOUNT_CONCURRENCY;
  }

  get hasFreeSlot(): boolean {
    return this.#running.size < this.concurrency;
  }

  get running(): number {
    return this.#running.size;
  }

  countDropped(): void {
    this.#counters.dropped++;
  }

  stats(): FunctionStats {
    return { ...this.#counters, billedMs: Math.round(this.#counters.billedMs), openHandles: { ...this.#openHandles } };
  }

  /** Runs one event in an idle environment or a new one. Throws TooManyRequestsError, nothing else: failures are part of the result. */
  async invoke(payload: string, traceId: string, requestId: string = randomUUID()): Promise<InvocationResult> {
    if (!this.hasFreeSlot) {
      this.#counters.throttles++;
      throw new TooManyRequestsError(this.definition.name, this.concurrency);
    }
    const running: Running = { environment: null, killed: false, requestId, lines: [] };
    this.#running.add(running);
    this.#counters.invocations++;
    const result = await this.#run(running, payload, traceId);
    this.#running.delete(running);
    this.#around.onInvocation(this.definition.name, result);
    return result;
  }

  async #run(running: Running, payload: string, traceId: string): Promise<InvocationResult> {
    const warm = this.#idle.pop();
    const slot: Slot = warm?.slot ?? { running: null };
    slot.running = running;
    let initMs = 0;
    const initStartedAt = performance.now();
    try {
      running.environment = warm?.environment ?? (await this.#coldStart(slot));
      if (warm === undefined) initMs = running.environment.initMs;
    } catch (error) {
      return this.#finish(running, { died: error, coldStart: true, initMs: performance.now() - initStartedAt, durationMs: 0 });
    }
    const environment = running.environment;
    const { timeoutMs } = this.definition;
    const startedAt = performance.now();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void environment.kill();
    }, timeoutMs);
    const common = { coldStart: warm === undefined, initMs };
    try {
      if (running.killed) await environment.kill();
      const answer = await environment.invoke({ requestId: running.requestId, payload, deadlineMs: Date.now() + timeoutMs, traceId });
      const durationMs = performance.now() - startedAt;
      slot.running = null;
      this.#idle.push({ environment, slot });
      return this.#finish(running, { ...common, durationMs, answer });
    } catch (error) {
      if (timedOut) this.#counters.timeouts++;
      const died = timedOut ? timeoutError(running.requestId, timeoutMs) : error;
      return this.#finish(running, { ...common, durationMs: performance.now() - startedAt, died });
    } finally {
      clearTimeout(timer);
    }
  }

  async #coldStart(slot: Slot): Promise<ExecutionEnvironment> {
    this.#counters.coldStarts++;
    const { definition } = this;
    const env: Record<string, string> = {
      ...this.#around.env,
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: randomUUID(),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      ...definition.env,
    };
    return this.#around.start(definition, env, (line) => {
      const running = slot.running;
      if (running !== null && running.lines.push(line) > LOG_LINES) running.lines.shift();
      this.#around.onLog({ functionName: definition.name, requestId: running?.requestId ?? '', line });
    });
  }

  #finish(
    running: Running,
    how: {
      coldStart: boolean;
      initMs: number;
      durationMs: number;
      died?: unknown;
      answer?: { payload: string; failed: boolean; openHandles: readonly string[] };
    },
  ): InvocationResult {
    const openHandles = how.answer?.openHandles ?? [];
    for (const name of openHandles) this.#openHandles[name] = (this.#openHandles[name] ?? 0) + 1;
    const leaked = this.#around.strict && openHandles.length > 0;
    const failed = how.answer === undefined || how.answer.failed || leaked;
    const billedMs = Math.ceil(how.initMs + how.durationMs);
    this.#counters.billedMs += billedMs;
    this.#counters.initMs += how.initMs;
    if (failed) this.#counters.errors++;
    return {
      requestId: running.requestId,
      payload: leaked ? leakPayload(openHandles) : (how.answer?.payload ?? deathPayload(running.requestId, how.died)),
      functionError: failed ? 'Unhandled' : null,
      coldStart: how.coldStart,
      initMs: how.initMs,
      durationMs: how.durationMs,
      billedMs,
      openHandles,
      logs: running.lines,
    };
  }

  /** Ends every environment in the middle of an event. Answers how many. */
  async kill(): Promise<number> {
    const running = [...this.#running];
    for (const one of running) one.killed = true;
    this.#counters.kills += running.length;
    await Promise.all(running.map((one) => one.environment?.kill()));
    return running.length;
  }

  freeze(): void {
    for (const one of this.#running) one.environment?.freeze();
  }

  thaw(): void {
    for (const one of this.#running) one.environment?.thaw();
  }

  /** Ends the idle environments: the next invocation starts cold. */
  async recycle(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(({ environment }) => environment.kill()));
  }
}

/** Which invocation an environment's output belongs to. */
interface Slot {
  running: Running | null;
}

function timeoutError(requestId: string, timeoutMs: number): EnvironmentDiedError {
  const message = `${new Date().toISOString()} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return new EnvironmentDiedError('Sandbox.Timedout', message);
}

function deathPayload(requestId: string, error: unknown): string {
  const errorType = error instanceof EnvironmentDiedError ? error.errorType : 'Runtime.Unknown';
  const message = error instanceof Error ? error.message : String(error);
  return JSON.stringify({
    errorType,
    errorMessage: errorType === 'Sandbox.Timedout' ? message : `RequestId: ${requestId} Error: ${message}`,
  });
}

function leakPayload(openHandles: readonly string[]): string {
  return JSON.stringify({
    errorType: 'LambdaHost.OpenHandles',
    errorMessage: `the handler answered with ${openHandles.length} handles open beside idle sockets (${openHandles.join(', ')}): await or abort what it started`,
  });
}
