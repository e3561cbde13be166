import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConnectException } from '../core/errors.ts';
import type { KafkaAccess } from './kafka-access.ts';

/** Number of partitions of a dead letter queue. Throws ConnectException (`unknown-topic`) with the nearest names. */
export async function requireTopic(kafka: KafkaAccess, topic: string): Promise<number> {
  const partitions = (await kafka.partitionsOf([topic])).get(topic);
  if (partitions !== undefined) return partitions;
  const near = nearestNames(topic, await kafka.topics())[0];
  throw new ConnectException(
    `there is no topic '${topic}'${near === undefined ? '; dlq ls tells the dead letter queues' : `; did you mean '${near}'?`}`,
    {
      code: 'unknown-topic',
    },
  );
}
