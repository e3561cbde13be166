import { exactlyOnceInForce } from '../config/exactly-once.ts';
import type { ConnectorState, StoredConfig } from '../state/config-store.ts';
import { LeaseLostException, StateConflictException } from '../state/errors.ts';
import type { Lease } from '../state/lease-store.ts';
import { type LoadedConnector, loadConnector } from './loaded-connector.ts';
import { openTransactions } from './open-transactions.ts';
import type { RuntimeDeps } from './runtime-deps.ts';

/** How a retired task's pending transaction is settled: as Kafka says, or, where nobody can know, dropped because offsets are set by hand next. */
export type RetireMode = 'as-kafka-says' | 'by-hand';

/**
 * Brings a PREPARING generation to READY (design §5): every task that earlier generations may still run is fenced in Kafka and in the table, and what
 * it left pending is settled. Can be repeated by anybody after a kill. Answers the state that holds then.
 *
 * Throws StateConflictException when another invocation is at it or a later generation was opened, and ConnectException, naming the ways out, where
 * nobody knows what became of a pending transaction.
 */
export async function prepareGeneration(
  deps: RuntimeDeps,
  loaded: LoadedConnector,
  state: ConnectorState,
  mode: RetireMode = 'as-kafka-says',
): Promise<ConnectorState> {
  const { stores } = deps;
  if (state.generationState === 'READY') return state;
  const [leases, begun] = await Promise.all([stores.leases.lookAll(state.name), stores.transactions.list(state.name)]);
  const retired = new Set(
    leases
      .filter(({ released, token }) => mode === 'as-kafka-says' && released && token.generation === state.generation)
      .map(({ task }) => task),
  );
  const tasks = new Set([...Array(state.retiring).keys(), ...leases.map(({ task }) => task), ...begun.map(({ task }) => task)]);
  for (const task of [...tasks].sort((a, b) => a - b)) if (!retired.has(task)) await retireTask(deps, loaded, state, task, mode);
  await stores.configs.markReady(state.name, state.generation);
  return { ...state, generationState: 'READY', retiring: 0 };
}

/**
 * Settles the transactions of a source that is not to run: the tasks of a stopped generation are fenced, and what a killed task left pending while the
 * connector was PAUSED is settled; a task that somebody holds is left to its owner. With `by-hand` every task is fenced, and afterwards table and
 * Kafka agree whatever they said before. Throws what {@link prepareGeneration} throws.
 */
export async function settleTransactions(
  deps: RuntimeDeps,
  state: ConnectorState,
  stored: StoredConfig,
  mode: RetireMode = 'as-kafka-says',
): Promise<void> {
  const preparing = state.generationState !== 'READY';
  if (!preparing && mode === 'as-kafka-says' && !exactlyOnceInForce(stored.config, deps.workerProps)) return;
  const begun = await deps.stores.transactions.list(state.name);
  const unsettled = begun.filter(({ pending }) => pending !== null || mode === 'by-hand');
  if (!preparing && unsettled.length === 0) return;
  const loaded = await loadConnector(deps, stored);
  if (loaded.kind !== 'source') return preparing ? deps.stores.configs.markReady(state.name, state.generation) : undefined;
  if (preparing) return void (await prepareGeneration(deps, loaded, state, mode));
  for (const { task } of unsettled) {
    try {
      await retireTask(deps, loaded, state, task, mode);
    } catch (error) {
      if (mode === 'by-hand' || !(error instanceof StateConflictException)) throw error;
    }
  }
}

/** Acquires a task under this generation, so that no older owner can write any more, and settles its transactions as any owner would. */
async function retireTask(
  deps: RuntimeDeps,
  loaded: LoadedConnector,
  state: ConnectorState,
  task: number,
  mode: RetireMode,
): Promise<void> {
  const { clock, owner, stores } = deps;
  const { generation, name } = state;
  const outcome = await stores.leases.acquire({ connector: name, task, owner, generation, leaseMs: loaded.leaseMs, nowMs: clock.now() });
  if (!('acquired' in outcome)) {
    throw new StateConflictException(
      `task ${task} of ${name} is held by ${outcome.heldBy.owner} in generation ${outcome.heldBy.token.generation}`,
    );
  }
  const lease: Lease = outcome.acquired;
  const logger = deps.logger.child({ connector: name, task });
  const { producer, sequence } = openTransactions(deps, loaded, task, () => lease, await deps.kafka(), logger);
  const giveUp = new AbortController();
  const done = new AbortController();
  // Beyond the lease another may be at it; what is not done by then is done at the next try.
  void clock.sleep(loaded.leaseMs / 2, done.signal).then(() => {
    if (!done.signal.aborted) giveUp.abort();
  });
  try {
    const transactions = sequence(giveUp.signal);
    if (mode === 'by-hand') await transactions.acquireByHand();
    else logger.debug('fenced a task', { generation, pending: await transactions.acquire() });
  } catch (error) {
    if (!(error instanceof LeaseLostException)) throw error;
    throw new StateConflictException(`task ${task} of ${name} was taken over while it was fenced`, { cause: error });
  } finally {
    done.abort();
    await producer.close();
    await stores.leases
      .release(lease)
      .catch((error: unknown) => logger.warn('cannot release the lease; it expires by itself', { error: String(error) }));
  }
}
