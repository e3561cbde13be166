/** Enough to fill the network's round trip, few enough not to be throttled at once. */
const IN_FLIGHT = 16;

/**
 * Does `act` for each item, at most 16 at a time, and gives the results in order. After the first failure no further one is begun; that
 * failure is thrown once those under way have settled, so that nothing is still being written when the caller goes on.
 */
export async function inFlight<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  let failure: unknown;
  async function work(): Promise<void> {
    while (!failed && next < items.length) {
      const at = next++;
      try {
        results[at] = await act(items[at] as T);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, items.length) }, work));
  if (failed) throw failure;
  return results;
}
