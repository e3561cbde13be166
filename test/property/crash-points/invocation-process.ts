import type { Clock } from '../../../lib/core/clock.ts';
import type { ManualClock } from '../../support/runtime/manual-clock.ts';

/** A place where an invocation can die: around one effect on the world. */
export interface CrashPoint {
  /** The method of the port, e.g. `offsets.commit`. */
  readonly call: string;
  /** `before`: the effect has not happened. `after`: it has, and its answer has not arrived. */
  readonly side: 'before' | 'after';
  /** Which invocation of the history, counted from 1. */
  readonly invocation: number;
}

/** Numbers the crash points of a whole history and stops the invocation that reaches one of them. */
export class CrashPoints {
  readonly passed: CrashPoint[] = [];
  /** The invocation that was stopped; null = none yet. */
  stopped: InvocationProcess | null = null;
  readonly #stopAt: number | null;
  readonly #onStop: (process: InvocationProcess) => void;

  /** `stopAt` counts from 0; null = nobody is stopped. */
  constructor(stopAt: number | null, onStop: (process: InvocationProcess) => void) {
    this.#stopAt = stopAt;
    this.#onStop = onStop;
  }

  pass(point: CrashPoint, process: InvocationProcess): void {
    if (this.stopped !== null) return;
    this.passed.push(point);
    if (this.passed.length - 1 !== this.#stopAt) return;
    this.stopped = process;
    process.stop();
    this.#onStop(process);
  }
}

/** One invocation as the system sees it: once stopped, none of its calls takes effect or returns, and none of its sleepers wakes, until it is thawed. */
export class InvocationProcess {
  readonly owner: string;
  /** Resolves when the invocation is stopped. */
  readonly whenStopped: Promise<void>;
  readonly #number: number;
  readonly #points: CrashPoints;
  #running: Promise<void> | null = null;
  #interrupt = new AbortController();
  #ended = false;
  #thaw: () => void = () => undefined;
  #tellStopped: () => void = () => undefined;

  constructor(number: number, points: CrashPoints) {
    this.#number = number;
    this.owner = `invocation-${number}`;
    this.#points = points;
    this.whenStopped = new Promise((resolve) => {
      this.#tellStopped = resolve;
    });
  }

  stop(): void {
    this.#running = new Promise((resolve) => {
      this.#thaw = resolve;
    });
    this.#interrupt.abort();
    this.#tellStopped();
  }

  /** The freeze ends; a process that is never thawed is dead. */
  thaw(): void {
    this.#running = null;
    this.#interrupt = new AbortController();
    this.#thaw();
  }

  /** It has answered: what it left behind (a fetch it no longer wants) is no crash point. */
  end(): void {
    this.#ended = true;
  }

  /** Calls a port: a crash point, the effect, a crash point, the answer. */
  async call<T>(call: string, effect: () => T | Promise<T>): Promise<T> {
    await this.#pass({ call, side: 'before', invocation: this.#number });
    const answer = await Promise.resolve()
      .then(effect)
      .then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
    await this.#pass({ call, side: 'after', invocation: this.#number });
    return answer();
  }

  async #pass(point: CrashPoint): Promise<void> {
    if (this.#running === null && !this.#ended) this.#points.pass(point, this);
    await this.#turn();
  }

  async #turn(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** The clock as this invocation sees it: time goes on while it is frozen. */
  clock(world: ManualClock): Clock {
    return {
      now: () => world.now(),
      monotonic: () => world.monotonic(),
      sleep: async (ms, signal) => {
        const until = world.monotonic() + ms;
        do {
          const interrupt = this.#interrupt.signal;
          await world.sleep(until - world.monotonic(), signal === undefined ? interrupt : AbortSignal.any([signal, interrupt]));
          await this.#turn();
        } while (world.monotonic() < until && signal?.aborted !== true);
      },
    };
  }
}
