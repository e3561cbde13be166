import type { RestDeps } from './rest-deps.ts';
import { RestException } from './rest-exception.ts';

/** How long a request waits for tasks that are stopping; well within the 90 s that Connect gives a request. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 25;

/** Resolves once nobody holds a task of this connector any more. Throws RestException (500) when somebody still does after 20 s. */
export async function waitForTasks({ clock, runtime, stores }: RestDeps, connector: string): Promise<void> {
  await runtime.look(connector);
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const held = (await stores.leases.lookAll(connector)).filter((lease) => !lease.released && lease.leaseUntilMs > clock.now());
    if (held.length === 0) return;
    if (clock.monotonic() >= until) {
      const owners = held.map(({ owner, task }) => `task ${task} by ${owner}`).join(', ');
      throw new RestException(500, `the tasks of ${connector} have not stopped yet (${owners}); try again`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}
