import { KafkaException } from '../errors.ts';
import type { ClientSettings, KafkaClients } from '../kafka-clients.ts';
import type { GroupOffsets, PartitionReader } from '../partition-reader.ts';
import type { RecordProducer, TransactionalProducer } from '../record-producer.ts';
import type { TopicAdmin } from '../topic-admin.ts';
import { clusterSettings, connectionKey, producerSettings, readerSettings, transactionTimeoutMs } from './client.ts';
import { Cluster, type ClusterContext } from './cluster.ts';
import { KafkaGroupOffsets } from './group-offsets.ts';
import { KafkaPartitionReader } from './partition-reader.ts';
import { KafkaRecordProducer } from './record-producer.ts';
import { KafkaTopicAdmin } from './topic-admin.ts';
import { KafkaTransactionalProducer } from './transactional-producer.ts';

/**
 * Makes Kafka clients on kafkajs' connections. Nothing is opened before the first call of a client; wrong settings throw ConfigException
 * at once. Clients whose connection settings are equal (`client.id` included) share connections, which close with the last of them
 * that has a `close`; group offsets have none, and open them again where they need to.
 */
export function createKafkaClients(context: ClusterContext): KafkaClients {
  const shared = new Map<string, { cluster: Cluster; users: number; key: string }>();
  let readers = 0;
  let closed = false;

  const entryOf = (settings: ClientSettings): { cluster: Cluster; users: number; key: string } => {
    if (closed)
      throw new KafkaException('the Kafka clients were closed', { kafkaCode: null, retriable: false, code: 'kafka-client-closed' });
    const key = connectionKey(settings);
    let entry = shared.get(key);
    if (entry === undefined) {
      entry = { cluster: new Cluster(clusterSettings(settings, context), context), users: 0, key };
      shared.set(key, entry);
    }
    return entry;
  };
  const borrow = (settings: ClientSettings): { cluster: Cluster; release: () => void } => {
    const entry = entryOf(settings);
    entry.users++;
    const release = () => {
      if (--entry.users > 0) return;
      entry.cluster.close();
      if (shared.get(entry.key) === entry) shared.delete(entry.key);
    };
    return { cluster: entry.cluster, release };
  };

  return {
    producer(settings: ClientSettings): RecordProducer {
      const behaviour = producerSettings(settings);
      const { cluster, release } = borrow(settings);
      return new KafkaRecordProducer(cluster, behaviour, release);
    },
    transactionalProducer(transactionalId: string, settings: ClientSettings): TransactionalProducer {
      const behaviour = producerSettings({ ...settings, 'enable.idempotence': 'true' });
      const timeoutMs = transactionTimeoutMs(settings);
      const { cluster, release } = borrow(settings);
      return new KafkaTransactionalProducer(cluster, transactionalId, timeoutMs, behaviour, release);
    },
    reader(settings: ClientSettings): PartitionReader {
      const behaviour = readerSettings(settings);
      const { cluster, release } = borrow(settings);
      return new KafkaPartitionReader(cluster, `reader-${++readers}`, behaviour, release);
    },
    groupOffsets(settings: ClientSettings): GroupOffsets {
      entryOf(settings); // wrong settings are to be known now
      return new KafkaGroupOffsets(() => entryOf(settings).cluster);
    },
    admin(settings: ClientSettings): TopicAdmin {
      const { cluster, release } = borrow(settings);
      return new KafkaTopicAdmin(cluster, release);
    },
    async close(): Promise<void> {
      closed = true;
      for (const { cluster } of shared.values()) cluster.close();
      shared.clear();
    },
  };
}
