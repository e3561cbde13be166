import { randomBytes } from 'node:crypto';
import type { PartitionLog } from './log/partition-log.ts';
import type { Journal } from './storage/journal.ts';
import type { Storage } from './storage/storage.ts';
import { checkTopicConfig } from './topic-configs.ts';
import { BrokerError, ErrorCode } from './wire/error-code.ts';

/** A topic with its logs; index = partition. */
export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits; another one when the topic is created again. */
  readonly id: string;
  readonly partitions: readonly PartitionLog[];
  /** Without defaults. */
  readonly configs: ReadonlyMap<string, string>;
}

interface StoredTopic {
  readonly id: string;
  readonly startOffsets: readonly number[];
  readonly configs: Readonly<Record<string, string>>;
}

interface MutableTopic extends Topic {
  readonly partitions: PartitionLog[];
  configs: Map<string, string>;
}

/** Kafka's own bound is about 200,000 per cluster; one request for more than this is a mistake here. */
export const MAX_PARTITIONS = 10_000;

/** The topics there are. Every change is stored before it is answered. */
export class Topics {
  readonly #storage: Storage;
  readonly #journal: Journal<StoredTopic>;
  readonly #topics = new Map<string, MutableTopic>();

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#journal = storage.journal<StoredTopic>('topics');
    for (const [name, { id, startOffsets, configs }] of this.#journal.entries) {
      const partitions = startOffsets.map((startOffset, partition) => storage.partition(id, partition, startOffset));
      this.#topics.set(name, { name, id, partitions, configs: new Map(Object.entries(configs)) });
    }
  }

  all(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  byId(id: string): Topic | undefined {
    return [...this.#topics.values()].find((topic) => topic.id === id);
  }

  partition(name: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(name)?.partitions[partition];
  }

  /** @throws {BrokerError} INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG */
  check(name: string, partitions: number, configs: ReadonlyMap<string, string | null>): void {
    checkTopicName(name);
    if (this.#topics.has(name)) throw new BrokerError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    if (partitions <= 0)
      throw new BrokerError(ErrorCode.INVALID_PARTITIONS, 'Number of partitions was set to an invalid non-positive value.');
    if (partitions > MAX_PARTITIONS) {
      throw new BrokerError(ErrorCode.INVALID_PARTITIONS, `this broker takes at most ${MAX_PARTITIONS} partitions per topic`);
    }
    for (const [key, value] of configs) checkTopicConfig(key, value);
  }

  /** Creates what `check` let pass. */
  create(name: string, partitions: number, configs: ReadonlyMap<string, string>): Topic {
    const topic: MutableTopic = { name, id: randomBytes(16).toString('hex'), partitions: [], configs: new Map(configs) };
    for (let at = 0; at < partitions; at++) topic.partitions.push(this.#storage.partition(topic.id, at, 0));
    this.#save(topic);
    this.#topics.set(name, topic);
    return topic;
  }

  delete(topic: Topic): void {
    this.#journal.put(topic.name, null);
    this.#topics.delete(topic.name);
    for (const partition of topic.partitions) partition.close();
    this.#storage.removeTopic(topic.id);
  }

  addPartitions(name: string, count: number): void {
    const topic = this.#mutable(name);
    while (topic.partitions.length < count) {
      topic.partitions.push(this.#storage.partition(topic.id, topic.partitions.length, 0));
    }
    this.#save(topic);
  }

  setConfigs(name: string, configs: ReadonlyMap<string, string>): void {
    const topic = this.#mutable(name);
    topic.configs = new Map(configs);
    this.#save(topic);
  }

  /** Stores the new start before space is given back: a crash in between deletes on the next start. */
  deleteRecords(name: string, partition: number, offset: number): void {
    const topic = this.#mutable(name);
    const log = topic.partitions[partition] as PartitionLog;
    this.#save(topic, new Map([[log, offset]]));
    log.deleteBefore(offset);
  }

  close(): void {
    for (const topic of this.#topics.values()) for (const partition of topic.partitions) partition.close();
  }

  #mutable(name: string): MutableTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) {
      throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
    }
    return topic;
  }

  #save(topic: MutableTopic, moved: ReadonlyMap<PartitionLog, number> = new Map()): void {
    this.#journal.put(topic.name, {
      id: topic.id,
      startOffsets: topic.partitions.map((log) => moved.get(log) ?? log.startOffset),
      configs: Object.fromEntries(topic.configs),
    });
  }
}

/** @throws {BrokerError} INVALID_TOPIC_EXCEPTION with Kafka's text */
export function checkTopicName(name: string): void {
  const refuse = (why: string) => new BrokerError(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${why}`);
  if (name === '') throw refuse('the empty string is not allowed');
  if (name === '.' || name === '..') throw refuse(`'${name}' is not allowed`);
  if (name.length > 249) throw refuse(`the length of '${name}' is longer than the max allowed length 249`);
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    throw refuse(`'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`);
  }
}
