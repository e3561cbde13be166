import { StateConflictException } from '../state/errors.ts';
import { settleTransactions } from './retire-tasks.ts';
import type { RuntimeDeps } from './runtime-deps.ts';

/** How often, and how long, the transactions of a stopped connector that another process is settling are waited for. */
const LOOK_MS = 100;
const PATIENCE_MS = 10_000;

/**
 * Before offsets of a STOPPED connector are set by hand: fences every task that an exactly-once source ever had and makes table and Kafka agree about its
 * transactions. Nothing to do for others, and where there is no such connector. Throws what {@link settleTransactions} throws.
 */
export async function settleByHand(deps: RuntimeDeps, connector: string): Promise<void> {
  const { clock, stores } = deps;
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const [state, stored] = await Promise.all([stores.configs.connector(connector), stores.configs.config(connector)]);
    if (state === null || stored === null) return;
    try {
      await settleTransactions(deps, state, stored, 'by-hand');
      if (state.error !== null) await stores.configs.setError(connector, null);
      return;
    } catch (error) {
      // Another process settles the same tasks because the connector was stopped.
      if (!(error instanceof StateConflictException) || clock.monotonic() >= until) throw error;
      await clock.sleep(LOOK_MS);
    }
  }
}
