import { parseScheduleExpression } from './schedule-expression.ts';

/** One schedule, as AWS::Scheduler::Schedule describes it. */
export interface ScheduleDefinition {
  readonly name: string;
  readonly expression: string;
  /** @default UTC */
  readonly timezone?: string;
  /** The tick comes at a random moment of the window. @default 0 */
  readonly flexibleWindowMinutes?: number;
  /** Delivers one tick; the schedule does not wait for the work it starts. Its rejections count as failed deliveries; nothing is retried. */
  readonly deliver: () => Promise<unknown>;
}

export interface SchedulerOptions {
  /** Ticks every schedule in this interval, whatever its expression says: for demos and tests. */
  readonly everyMs?: number;
  /** True delivers a tick twice: EventBridge Scheduler delivers at least once. */
  readonly duplicate?: (name: string, tick: number) => boolean;
  /** How late a tick comes; the service promises the minute only. @default 0 */
  readonly delayMs?: (name: string, tick: number) => number;
  readonly onError?: (name: string, error: unknown) => void;
}

export interface Scheduler {
  /** Starts a schedule; one with a rate ticks at once, as the service does. Throws Error for an expression it cannot read. */
  add(definition: ScheduleDefinition): void;
  disable(name: string): void;
  enable(name: string): void;
  /** Delivers one tick now, whether due or not. */
  tick(name: string): Promise<void>;
  /** Ticks delivered, duplicates included. */
  ticks(name: string): number;
  /** No tick comes after this; resolves when those on their way are delivered. */
  close(): Promise<void>;
}

/** Longer timers overflow in Node and fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Running {
  readonly definition: ScheduleDefinition;
  readonly nextAfter: (afterMs: number) => number | null;
  timer: NodeJS.Timeout | undefined;
  count: number;
  enabled: boolean;
}

/** EventBridge Scheduler on this machine: starts functions on their schedules, and misbehaves as the service may. */
export function createScheduler(options: SchedulerOptions = {}): Scheduler {
  const schedules = new Map<string, Running>();
  const timers = new Set<NodeJS.Timeout>();
  const deliveries = new Set<Promise<void>>();

  const find = (name: string): Running => {
    const found = schedules.get(name);
    if (found === undefined) throw new Error(`no schedule is named '${name}'; there are ${[...schedules.keys()].join(', ') || 'none'}`);
    return found;
  };

  const deliver = (running: Running): Promise<void> => {
    running.count++;
    const { name, deliver: send } = running.definition;
    const delivery = send().then(
      () => undefined,
      (error: unknown) => options.onError?.(name, error),
    );
    deliveries.add(delivery);
    return delivery.finally(() => deliveries.delete(delivery));
  };

  const fire = (running: Running): void => {
    const { name, flexibleWindowMinutes = 0 } = running.definition;
    const tick = running.count;
    const copies = options.duplicate?.(name, tick) === true ? 2 : 1;
    const windowMs = options.everyMs === undefined ? flexibleWindowMinutes * 60_000 * Math.random() : 0;
    const delayMs = (options.delayMs?.(name, tick) ?? 0) + windowMs;
    for (let copy = 0; copy < copies; copy++) {
      if (delayMs === 0) void deliver(running);
      else {
        const timer = setTimeout(() => {
          timers.delete(timer);
          void deliver(running);
        }, delayMs);
        timers.add(timer);
      }
    }
  };

  const arm = (running: Running, afterMs: number): void => {
    const next = running.enabled ? running.nextAfter(afterMs) : null;
    if (next === null) return;
    running.timer = setTimeout(
      () => {
        if (Date.now() < next) return arm(running, afterMs);
        fire(running);
        arm(running, next);
      },
      Math.min(MAX_TIMER_MS, Math.max(0, next - Date.now())),
    );
  };

  return {
    add(definition) {
      const createdMs = Date.now();
      const expression = parseScheduleExpression(definition.expression, definition.timezone);
      const { everyMs } = options;
      const nextAfter =
        everyMs === undefined
          ? (afterMs: number) => expression.next(afterMs, createdMs)
          : // A tick that comes late does not make the following ones come in a burst.
            (afterMs: number) => Math.max(afterMs + everyMs, Date.now());
      const running: Running = { definition, nextAfter, timer: undefined, count: 0, enabled: true };
      schedules.set(definition.name, running);
      if (everyMs !== undefined || definition.expression.startsWith('rate')) fire(running);
      arm(running, createdMs);
    },
    disable(name) {
      const running = find(name);
      running.enabled = false;
      clearTimeout(running.timer);
    },
    enable(name) {
      const running = find(name);
      if (running.enabled) return;
      running.enabled = true;
      arm(running, Date.now());
    },
    tick: (name) => deliver(find(name)),
    ticks: (name) => find(name).count,
    async close() {
      for (const running of schedules.values()) clearTimeout(running.timer);
      for (const timer of timers) clearTimeout(timer);
      for (const running of schedules.values()) running.enabled = false;
      await Promise.allSettled([...deliveries]);
    },
  };
}
