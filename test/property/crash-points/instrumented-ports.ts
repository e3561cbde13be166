import type { ProducerRecord } from '../../../lib/core/kafka-record.ts';
import type { GroupOffsets, PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import type { RecordProducer, SendOptions, SendResult, TransactionalProducer } from '../../../lib/kafka/record-producer.ts';
import type { TopicAdmin } from '../../../lib/kafka/topic-admin.ts';
import type { OffsetStore } from '../../../lib/state/offset-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import type { InvocationProcess } from './invocation-process.ts';

/** A port whose methods are crash points; `only` names those that are, absent = all. */
export function instrumented<T extends object>(port: T, name: string, process: InvocationProcess, only?: readonly string[]): T {
  return new Proxy(port, {
    get(target, member) {
      const method: unknown = Reflect.get(target, member);
      if (typeof method !== 'function') return method;
      if (only !== undefined && !only.includes(String(member))) return method.bind(target);
      return (...args: unknown[]) => process.call(`${name}.${String(member)}`, () => method.apply(target, args));
    },
  });
}

/** The stores a runner uses. What the table takes one item at a time is one effect per item here, too. */
export function instrumentedStores(stores: StateStores, process: InvocationProcess): StateStores {
  return {
    ...stores,
    leases: instrumented(stores.leases, 'leases', process),
    status: instrumented(stores.status, 'status', process),
    configs: instrumented(stores.configs, 'configs', process),
    transactions: instrumented(stores.transactions, 'transactions', process),
    offsets: instrumentedOffsets(stores.offsets, process),
  };
}

function instrumentedOffsets(offsets: OffsetStore, process: InvocationProcess): OffsetStore {
  const whole = instrumented(offsets, 'offsets', process);
  return {
    load: async (lease, partitions, fence) => {
      const found = [];
      for (const partition of partitions) found.push(...(await whole.load(lease, [partition], fence)));
      return found;
    },
    commit: async (lease, stored) => {
      for (const one of stored) await whole.commit(lease, [one]);
    },
    commitWatermarks: async (connector, by, watermarks) => {
      for (const one of watermarks) await whole.commitWatermarks(connector, by, [one]);
    },
    fenceWatermarks: async (lease, partitions) => {
      const found = [];
      for (const one of partitions) found.push(...(await whole.fenceWatermarks(lease, [one])));
      return new Map(found);
    },
    loadWatermarks: (connector, partitions) => whole.loadWatermarks(connector, partitions),
    listWatermarks: (connector) => whole.listWatermarks(connector),
    list: (connector) => whole.list(connector),
    alter: (connector, token, stored) => whole.alter(connector, token, stored),
    loadProgress: (lease) => whole.loadProgress(lease),
    saveProgress: (lease, progress) => whole.saveProgress(lease, progress),
  };
}

/** A producer whose batch reaches the brokers one partition at a time. */
export function instrumentedProducer(producer: RecordProducer, process: InvocationProcess): RecordProducer {
  const whole = instrumented(producer, 'producer', process);
  return { close: () => whole.close(), send: (records, options) => sendByPartition(whole, records, options) };
}

/** The same with transactions. `begin` tells nobody anything. */
export function instrumentedTransactionalProducer(producer: TransactionalProducer, process: InvocationProcess): TransactionalProducer {
  const whole = instrumented(producer, 'producer', process);
  return {
    close: () => whole.close(),
    send: (records, options) => sendByPartition(whole, records, options),
    fence: () => whole.fence(),
    begin: () => producer.begin(),
    sendOffset: (groupId, topic, partition, offset) => whole.sendOffset(groupId, topic, partition, offset),
    commit: () => whole.commit(),
    abort: () => whole.abort(),
  };
}

async function sendByPartition(whole: RecordProducer, records: readonly ProducerRecord[], options?: SendOptions): Promise<SendResult> {
  const places = Map.groupBy(records.keys(), (place) => `${records[place]?.topic}-${records[place]?.partition}`);
  const results = new Map<number, { result: SendResult; index: number }>();
  const failed = new Map<number, Error>();
  for (const group of places.values()) {
    const result = await whole.send(
      group.map((place) => records[place] as ProducerRecord),
      options,
    );
    for (const [index, place] of group.entries()) {
      results.set(place, { result, index });
      const error = result.failed.get(index);
      if (error !== undefined) failed.set(place, error);
    }
  }
  return {
    failed,
    metadata: (place) => {
      const found = results.get(place);
      return found === undefined ? null : found.result.metadata(found.index);
    },
  };
}

export function instrumentedReader(reader: PartitionReader, process: InvocationProcess): PartitionReader {
  return instrumented(reader, 'reader', process);
}

export function instrumentedGroup(group: GroupOffsets, process: InvocationProcess): GroupOffsets {
  return instrumented(group, 'groupOffsets', process);
}

export function instrumentedAdmin(admin: TopicAdmin, process: InvocationProcess): TopicAdmin {
  return instrumented(admin, 'admin', process);
}
