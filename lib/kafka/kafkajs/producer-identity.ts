import { KafkaException } from '../errors.ts';
import { exceptionOf } from '../protocol/error-codes.ts';
import {
  decodeInitProducerId,
  encodeInitProducerId,
  INIT_PRODUCER_ID,
  NO_PRODUCER,
  type ProducerIdentity,
} from '../protocol/transactions.ts';
import type { Cluster } from './cluster.ts';
import { retrying } from './retry.ts';

const INVALID_TRANSACTION_TIMEOUT = 50;

/** kafkajs waits 300 ms and more for a transaction that is still being completed, which takes the coordinator 5 ms: half of all would wait. */
export function transactionBackoffMs(failures: number, error: unknown): number {
  const concurrent = error instanceof KafkaException && error.kafkaCode === 'CONCURRENT_TRANSACTIONS';
  return concurrent ? Math.min(5 * failures, 20) : Math.min(50 * 2 ** (failures - 1), 1_000);
}

/**
 * InitProducerId. With a transactional id it fences every older producer of that id and aborts what it left open; with `current` it
 * fails as fenced where a later owner exists (KIP-360) instead of fencing that one.
 */
export async function initProducerId(
  cluster: Cluster,
  transactionalId: string | null,
  transactionTimeoutMs: number,
  current: ProducerIdentity = NO_PRODUCER,
): Promise<ProducerIdentity> {
  const { clock, settings } = cluster;
  return retrying({ clock, withinMs: settings.apiTimeoutMs, backoffMs: transactionBackoffMs }, async () => {
    const connection = transactionalId === null ? await cluster.toAny() : await cluster.toCoordinator('transaction', transactionalId);
    const { api, name, min, max } = INIT_PRODUCER_ID;
    const version = connection.version(api, name, current === NO_PRODUCER ? min : 3, max);
    const body = encodeInitProducerId(version, transactionalId, transactionTimeoutMs, current);
    const answer = decodeInitProducerId(await connection.request({ api, name, version, body, flexible: version >= 2 }));
    if (answer.errorCode === 0) return { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    if (transactionalId !== null) cluster.forgetCoordinator('transaction', transactionalId);
    const detail =
      answer.errorCode === INVALID_TRANSACTION_TIMEOUT
        ? `transaction.timeout.ms ${transactionTimeoutMs} is above the broker's transaction.max.timeout.ms: lower it`
        : null;
    throw exceptionOf(
      answer.errorCode,
      transactionalId === null ? 'asking for a producer id failed' : `acquiring transactional.id ${transactionalId} failed`,
      detail,
    );
  });
}
