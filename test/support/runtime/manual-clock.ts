import type { Clock } from '../../../lib/core/clock.ts';

/** A clock that jumps to the next sleeper whenever nothing else is to do; both its readings move together. */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: { at: number; wake: () => void }[] = [];
  #scheduled = false;

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  /** Moves time without waking anybody who sleeps longer. */
  advance(ms: number): void {
    this.#nowMs += ms;
    this.#wakeDue();
  }

  /** A freeze: time has passed, and sleepers learn it only at their next turn. */
  jump(ms: number): void {
    this.#nowMs += ms;
    this.#schedule();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { at: this.#nowMs + Math.max(0, ms), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // setImmediate runs after every promise reaction: nobody can do anything but wait any more.
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#sleepers.length === 0) return;
      this.#nowMs = Math.max(this.#nowMs, Math.min(...this.#sleepers.map((sleeper) => sleeper.at)));
      this.#wakeDue();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }

  #wakeDue(): void {
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#nowMs);
    for (const sleeper of due) sleeper.wake();
  }
}
