import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningKafka } from '../kafka/start-kafka.ts';
import type { TestPostgres } from '../postgres/start-postgres.ts';
import type { Fault } from './fault-plan.ts';
import type { LambdaSinks } from './lambda-sinks.ts';
import type { FaultEvent } from './ledger.ts';
import { EVENT_SINK, ORDERS_SOURCE, PAYMENTS_SOURCE, SCHEDULED_SINK, WORKER_SINK } from './pipeline.ts';
import type { HeldWrite, StateProxy } from './state-proxy.ts';
import type { WorkerSlot } from './worker-slots.ts';

/** What faults happen to. */
export interface FaultWorld {
  readonly kafka: RunningKafka;
  readonly postgres: TestPostgres;
  readonly slots: readonly WorkerSlot[];
  readonly lambda: LambdaSinks | null;
  /** Of the workers, then of the functions. */
  readonly proxies: readonly StateProxy[];
  /** Paths whose writes can be held back. */
  readonly lateWrites: readonly string[];
  readonly log: (line: string) => void;
  readonly events: FaultEvent[];
}

/** A write to hold back must come within this time. */
const WRITE_COMES_WITHIN_MS = 5_000;
/** After a freeze: session, lease, and a machine that is busy. */
const TAKEN_OVER_WITHIN_MS = 30_000;
/** The first ones settle what the predecessor left; from then on it delivers. */
const WRITES_OF_SUCCESSOR = 5;
/** Invocations are short: whoever wants to meet one must look often. */
const STEP_MS = 2;

/** Steps by which a fault hits later in an invocation. */
const INTO_INVOCATION_MS = 5;

/** The items that only the owner of a task may write. */
const OWNED: Readonly<Record<string, string>> = {
  [ORDERS_SOURCE]: 'offset',
  [PAYMENTS_SOURCE]: 'offset',
  [WORKER_SINK]: 'watermark',
};

/** Makes the faults of a plan come true, one by one or together as their times have it. Resolves when the last one is over. */
export async function injectFaults(plan: readonly Fault[], world: FaultWorld): Promise<void> {
  const began = Date.now();
  const busy = new Set<string>();
  const running = plan.map(async (fault) => {
    await sleep(Math.max(0, fault.atMs - (Date.now() - began)));
    await inject(fault, world, busy);
  });
  await Promise.all(running);
}

async function inject(fault: Fault, world: FaultWorld, busy: Set<string>): Promise<void> {
  const { events, log } = world;
  const event: FaultEvent = { kind: fault.kind, atMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
  events.push(event);
  try {
    const what = await HANDLERS[fault.kind](fault, world, busy);
    if (what === null) events.splice(events.indexOf(event), 1);
    log(`${fault.kind}: ${what ?? 'nothing to hit'}`);
  } finally {
    event.untilMs = Date.now();
  }
}

/** Answers what happened; null = nothing, because the victim was not there. */
type Handler = (fault: Fault, world: FaultWorld, busy: Set<string>) => Promise<string | null>;

const HANDLERS: Readonly<Record<Fault['kind'], Handler>> = {
  'worker-kill': async ({ forMs, target }, { slots }) => {
    const slot = slots[target % slots.length] as WorkerSlot;
    if (slot.state !== 'up') return null;
    await slot.kill();
    await sleep(forMs);
    await slot.start();
    return `worker ${slot.number}, down for ${forMs} ms`;
  },
  'worker-freeze': async ({ forMs, target }, { log, slots }) => {
    const slot = slots[target % slots.length] as WorkerSlot;
    if (slot.state !== 'up') return null;
    slot.freeze();
    log(`worker ${slot.number} frozen`);
    await sleep(forMs);
    slot.thaw();
    return `worker ${slot.number}, frozen for ${forMs} ms`;
  },
  'late-write': lateWrite,
  'lambda-kill': async ({ target }, { lambda }) => {
    if (lambda === null) return null;
    const name = target % 2 === 0 ? EVENT_SINK : SCHEDULED_SINK;
    const killed = await whenRunning(lambda, name, target * INTO_INVOCATION_MS, (host, functionName) => host.kill(functionName));
    return killed === null || killed === 0 ? null : `${killed} invocation(s) of ${name}`;
  },
  'lambda-freeze': async ({ forMs, target }, { lambda }) => {
    if (lambda === null) return null;
    const name = target % 2 === 0 ? EVENT_SINK : SCHEDULED_SINK;
    const frozen = await whenRunning(lambda, name, target * INTO_INVOCATION_MS, (host, functionName) => host.freeze(functionName));
    if (frozen === null) return null;
    await sleep(forMs);
    lambda.deployment.host.thaw(lambda.deployment.functionOf(name));
    return `${name}, frozen for ${forMs} ms`;
  },
  'broker-restart': (fault, { kafka }, busy) => restart('broker', fault, kafka, busy),
  'database-restart': (fault, { postgres }, busy) => restart('database', fault, postgres, busy),
  'state-delay': (fault, world) =>
    overState(fault, world, `calls take up to 3 s`, (proxy, on) => {
      proxy.faults.delayMs = on ? 3_000 : 0;
    }),
  'state-throttle': (fault, world) =>
    overState(fault, world, 'most calls are throttled', (proxy, on) => {
      proxy.faults.throttled = on ? 0.8 : 0;
    }),
  'state-cut': (fault, world) =>
    overState(fault, world, 'most connections are cut', (proxy, on) => {
      proxy.faults.cut = on ? 0.8 : 0;
    }),
};

async function whenRunning<T>(
  { deployment }: LambdaSinks,
  connector: string,
  intoMs: number,
  act: (host: LambdaSinks['deployment']['host'], functionName: string) => T | Promise<T>,
): Promise<T | null> {
  const name = deployment.functionOf(connector);
  const end = Date.now() + WRITE_COMES_WITHIN_MS;
  while (Date.now() < end) {
    if (deployment.host.running(name) > 0) {
      await sleep(intoMs);
      if (deployment.host.running(name) > 0) return act(deployment.host, name);
    }
    await sleep(STEP_MS);
  }
  return null;
}

async function restart(
  what: string,
  { forMs, hard }: Fault,
  server: { kill(): Promise<void>; restart(): Promise<void> },
  busy: Set<string>,
): Promise<string | null> {
  if (busy.has(what)) return null;
  busy.add(what);
  try {
    if (hard) {
      await server.kill();
      await sleep(forMs);
    }
    await server.restart();
    return hard ? `kill -9, down for ${forMs} ms` : 'stopped and started';
  } finally {
    busy.delete(what);
  }
}

/** All ways to the table, or one. Overlapping ones of a kind end with the first that ends. */
async function overState(
  { forMs, hard, target }: Fault,
  { proxies }: FaultWorld,
  what: string,
  set: (proxy: StateProxy, on: boolean) => void,
) {
  const hit = hard ? proxies : [proxies[target % proxies.length] as StateProxy];
  for (const proxy of hit) set(proxy, true);
  await sleep(forMs);
  for (const proxy of hit) set(proxy, false);
  return `${hard ? 'for everybody' : `for one of ${proxies.length}`} ${what}, for ${forMs} ms`;
}

/**
 * The worst that the network and the scheduler can do together: an owner is frozen with a write on its way, another takes its task and goes
 * on, then all others die, and the old write arrives before anybody has taken the task again.
 */
async function lateWrite({ forMs, target }: Fault, { lateWrites, log, slots }: FaultWorld, busy: Set<string>): Promise<string | null> {
  const connector = lateWrites[target % lateWrites.length];
  if (connector === undefined || busy.has('late-write') || slots.some(({ state }) => state !== 'up')) return null;
  busy.add('late-write');
  try {
    const held = await nextWrite(connector, slots, WRITE_COMES_WITHIN_MS);
    if (held === null) return null;
    const { slot, write } = held;
    slot.freeze();
    const since = Date.now();
    log(`worker ${slot.number} frozen with a write of ${connector} on its way`);
    const others = slots.filter((other) => other !== slot);
    let successor: WorkerSlot | null = null;
    const giveUpAt = since + TAKEN_OVER_WITHIN_MS;
    // Until it has gone on and is at rest: whoever comes next finds nothing pending that would put the offsets right again.
    for (let writes = 0; Date.now() < giveUpAt; writes++) {
      const next = await nextWrite(connector, others, writes < WRITES_OF_SUCCESSOR ? giveUpAt - Date.now() : forMs);
      if (next === null) break;
      successor = next.slot;
      await next.write.release();
    }
    const killed = others.filter(({ state }) => state === 'up');
    await Promise.all(killed.map((other) => other.kill()));
    await write.release();
    slot.thaw();
    await Promise.all(killed.map((other) => other.start()));
    const went = successor === null ? 'nobody had taken its task' : `worker ${successor.number} had gone on`;
    return `a write of ${connector} by worker ${slot.number} arrived after ${Date.now() - since} ms; ${went}, and ${killed.length} had been killed`;
  } finally {
    busy.delete('late-write');
  }
}

/** The next write of a task's owner, held back, and whose it is; null = none came. */
async function nextWrite(
  connector: string,
  slots: readonly WorkerSlot[],
  withinMs: number,
): Promise<{ slot: WorkerSlot; write: HeldWrite } | null> {
  const key = new RegExp(`"connector#${connector}[^"]*"\\},"sk":\\{"S":"${OWNED[connector]}#`);
  const stopHolding = () => {
    for (const { proxy } of slots) proxy.holdNext(null);
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      stopHolding();
      resolve(null);
    }, withinMs);
    for (const slot of slots) {
      slot.proxy.holdNext({
        key,
        onHeld: (write) => {
          clearTimeout(timer);
          stopHolding();
          resolve({ slot, write });
        },
      });
    }
  });
}
