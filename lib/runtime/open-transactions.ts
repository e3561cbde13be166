import type { Logger } from '../core/logger.ts';
import type { KafkaClients } from '../kafka/kafka-clients.ts';
import type { Lease } from '../state/lease-store.ts';
import type { ExactlyOnceSettings } from './exactly-once-delivery.ts';
import type { LoadedConnector } from './loaded-connector.ts';
import type { RuntimeDeps } from './runtime-deps.ts';
import { TransactionSequence } from './transaction-sequence.ts';

/** The transactional producer of a task with its sequence. Nothing is fenced before the sequence is acquired; the caller closes the producer. */
export function openTransactions(
  deps: RuntimeDeps,
  loaded: LoadedConnector,
  task: number,
  lease: () => Lease,
  kafka: KafkaClients,
  logger: Logger,
): ExactlyOnceSettings {
  const transactionalId = loaded.transactionalId(task);
  // one cluster for all three: the producer's, which producer.override.* may have moved
  const settings = loaded.transactionalSettings(task);
  const producer = kafka.transactionalProducer(transactionalId, settings);
  return {
    producer,
    boundary: loaded.transactionBoundary,
    intervalMs: loaded.transactionIntervalMs,
    sequenceTopic: loaded.sequenceTopic,
    sequence: (signal) =>
      new TransactionSequence({
        connector: `${loaded.name}-${task}`,
        transactionalId,
        topic: loaded.sequenceTopic,
        lease,
        producer,
        groupOffsets: kafka.groupOffsets(settings),
        admin: () => kafka.admin(settings),
        transactions: deps.stores.transactions,
        offsets: deps.stores.offsets,
        clock: deps.clock,
        random: deps.random,
        logger,
        signal,
      }),
  };
}
