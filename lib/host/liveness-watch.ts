import type { Clock } from '../core/clock.ts';

/** How long counters have stood still, by this process's monotonic clock: life is seen without comparing clocks. */
export class LivenessWatch {
  readonly #clock: Clock;
  #seen = new Map<string, { readonly count: number | string; readonly sinceMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is there now; what is no longer there is forgotten. */
  saw(counters: readonly (readonly [id: string, count: number | string])[]): void {
    const now = this.#clock.monotonic();
    this.#seen = new Map(
      counters.map(([id, count]) => {
        const before = this.#seen.get(id);
        return [id, before?.count === count ? before : { count, sinceMs: now }];
      }),
    );
  }

  /** 0 for what was seen a first time. */
  stillMs(id: string): number {
    const seen = this.#seen.get(id);
    return seen === undefined ? 0 : this.#clock.monotonic() - seen.sinceMs;
  }
}
