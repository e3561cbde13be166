/** Time as the broker sees it, so that tests can move it. */
export interface Timers {
  /** Wall-clock milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the result cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's own clock. A waiting timer keeps no process alive. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
