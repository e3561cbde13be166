import type { Clock } from '../core/clock.ts';
import type { Deadline } from './deadline.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { TaskEnd } from './task-outcome.ts';

const HALTED = Symbol('halted');

/**
 * The one place where a run learns that it must end: asked to stop, lease lost, deadline reached. `signal` is what tasks see.
 * Calls that may block are raced with it one at a time ({@link Halt.orHalted}), without leaving reactions behind on a long-lived promise.
 */
export class Halt {
  readonly #controller = new AbortController();
  readonly #timer = new AbortController();
  #wake: (() => void) | null = null;
  #end: TaskEnd | null = null;

  constructor(stop: AbortSignal, keeper: LeaseKeeper, deadline: Deadline, clock: Clock) {
    const on = (signal: AbortSignal, end: TaskEnd) => {
      if (signal.aborted) this.#halt(end);
      else signal.addEventListener('abort', () => this.#halt(end), { once: true, signal: this.#timer.signal });
    };
    on(keeper.signal, 'lease-lost');
    on(stop, 'stopped');
    const leftMs = deadline.leftMs();
    if (leftMs !== Number.POSITIVE_INFINITY) {
      void clock.sleep(Math.max(0, leftMs), this.#timer.signal).then(() => {
        if (!this.#timer.signal.aborted) this.#halt('deadline');
      });
    }
  }

  /** Why the run must end; null = it may go on. */
  get end(): TaskEnd | null {
    return this.#end;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #halt(end: TaskEnd): void {
    // Losing the lease outweighs every other reason: nothing may be written any more.
    if (this.#end === null || end === 'lease-lost') this.#end = end;
    this.#controller.abort();
    this.#wake?.();
  }

  /** The promise's value, or null once the run must end; the promise itself goes on and its late failure is swallowed. */
  async orHalted<T>(promise: Promise<T>): Promise<{ value: T } | null> {
    if (this.#end !== null) {
      promise.catch(() => undefined);
      return null;
    }
    const first = await new Promise<T | typeof HALTED>((resolve, reject) => {
      this.#wake = () => resolve(HALTED);
      promise.then(resolve, reject);
    }).finally(() => {
      this.#wake = null;
    });
    return first === HALTED ? null : { value: first as T };
  }

  /** Ends timers and listeners. */
  dispose(): void {
    this.#timer.abort();
  }
}
