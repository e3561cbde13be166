import type { GroupOffsets, PartitionReader } from './partition-reader.ts';
import type { RecordProducer, TransactionalProducer } from './record-producer.ts';
import type { TopicAdmin } from './topic-admin.ts';

/** Settings of one client, with Java's keys (`bootstrap.servers`, `acks`, `isolation.level`, …). */
export type ClientSettings = Readonly<Record<string, string>>;

/**
 * Makes Kafka clients from Connect's client settings. Clients of the same cluster may share connections; each is closed by its user.
 * The adapter is `lib/kafka/kafkajs/kafka-clients.ts`.
 */
export interface KafkaClients {
  producer(settings: ClientSettings): RecordProducer;
  transactionalProducer(transactionalId: string, settings: ClientSettings): TransactionalProducer;
  reader(settings: ClientSettings): PartitionReader;
  groupOffsets(settings: ClientSettings): GroupOffsets;
  admin(settings: ClientSettings): TopicAdmin;
  /** Closes what is still open. */
  close(): Promise<void>;
}
