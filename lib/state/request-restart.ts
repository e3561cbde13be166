import type { Clock } from '../core/clock.ts';
import type { RestartStore } from './restart-store.ts';

const LOOK_MS = 100;
const PATIENCE_MS = 10_000;

/**
 * Asks whoever has the task (null = the connector) to start it anew and waits until it was done, at most 10 s and until `stop`; a request that was
 * not served by then stays open. True = it was done.
 */
export async function requestRestart(
  { clock, restarts, stop }: { readonly clock: Clock; readonly restarts: RestartStore; readonly stop?: AbortSignal },
  connector: string,
  task: number | null,
  /** Called once the request is there: wakes who is to serve it. */
  asked?: () => Promise<void>,
): Promise<boolean> {
  const { id } = await restarts.request(connector, task, clock.now());
  await asked?.();
  const until = clock.monotonic() + PATIENCE_MS;
  while (clock.monotonic() < until && stop?.aborted !== true) {
    await clock.sleep(LOOK_MS, stop);
    if (!(await restarts.list(connector)).some((open) => open.id === id)) return true;
  }
  return false;
}
