import { type TopicPartition, topicPartitionKey } from '../../core/topic-partition.ts';
import { KafkaException } from '../errors.ts';
import type { FetchedPartition, FetchOptions, PartitionReader, ReadPosition } from '../partition-reader.ts';
import { errorName, exceptionOf } from '../protocol/error-codes.ts';
import {
  decodeFetch,
  decodeListOffsets,
  EARLIEST,
  encodeFetch,
  encodeListOffsets,
  FETCH,
  type FetchAnswer,
  LATEST,
  LIST_OFFSETS,
} from '../protocol/fetch.ts';
import { decodeRecordBatches } from '../protocol/record-batch-reader.ts';
import type { Cluster } from './cluster.ts';

/** How a reader reads, from `isolation.level`, `fetch.*` and so on. */
export interface ReaderSettings {
  readonly readCommitted: boolean;
  /** `fetch.min.bytes` */
  readonly minBytes: number;
  /** `max.partition.fetch.bytes` */
  readonly maxBytesPerPartition: number;
  /** `check.crcs` */
  readonly checkCrcs: boolean;
  readonly requestTimeoutMs: number;
}

/** Reads partitions without a group, by requests to their leaders. A reader has connections of its own: a fetch that waits holds them. */
export class KafkaPartitionReader implements PartitionReader {
  readonly #cluster: Cluster;
  readonly #purpose: string;
  readonly #settings: ReaderSettings;
  readonly #release: () => void;
  #closed = false;

  constructor(cluster: Cluster, purpose: string, settings: ReaderSettings, release: () => void) {
    this.#cluster = cluster;
    this.#purpose = purpose;
    this.#settings = settings;
    this.#release = release;
  }

  /** Rejects with the signal's reason once it aborts. */
  async fetch(positions: readonly ReadPosition[], options: FetchOptions): Promise<FetchedPartition[]> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (positions.length === 0) return [];
    const fetching = this.#cluster.retry(() => this.#fetchOnce(positions, options), signal);
    if (signal === undefined) return fetching;
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => {
      this.#cluster.drop(this.#purpose); // the broker may hold the answer back: the next fetch would wait behind it
      aborted.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([fetching, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      fetching.catch(() => {});
    }
  }

  beginningOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return this.#listOffsets(partitions, EARLIEST);
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return this.#listOffsets(partitions, LATEST);
  }

  async offsetsForTime(partitions: readonly TopicPartition[], timestampMs: number): Promise<Map<string, number>> {
    const found = await this.#listOffsets(partitions, timestampMs);
    const without = partitions.filter(({ topic, partition }) => found.get(topicPartitionKey(topic, partition)) === -1);
    for (const [key, offset] of await this.endOffsets(without)) found.set(key, offset);
    return found;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cluster.drop(this.#purpose);
    this.#release();
  }

  async #fetchOnce(positions: readonly ReadPosition[], options: FetchOptions): Promise<FetchedPartition[]> {
    const byLeader = await this.#byLeader(positions);
    if (byLeader.size === 1) return this.#fetchFrom(byLeader, options, options.maxWaitMs);
    // a broker with nothing to say would hold back what the others have: ask all at once first, and wait only where all were empty
    const atOnce = await this.#fetchFrom(byLeader, options, 0);
    if (options.maxWaitMs === 0 || atOnce.some(hasNews(positions))) return atOnce;
    return this.#fetchFrom(byLeader, options, options.maxWaitMs);
  }

  async #fetchFrom(byLeader: Map<number, ReadPosition[]>, options: FetchOptions, maxWaitMs: number): Promise<FetchedPartition[]> {
    const maxBytes = Math.max(1, Math.floor(options.maxBytes / byLeader.size));
    const answers = await Promise.all(
      [...byLeader].map(([node, positions]) => this.#request(node, positions, { ...options, maxWaitMs, maxBytes })),
    );
    return answers.flat();
  }

  async #request(node: number, positions: readonly ReadPosition[], options: FetchOptions): Promise<FetchedPartition[]> {
    const connection = await this.#cluster.toNode(node, this.#purpose);
    const { api, name, min, max } = FETCH;
    const version = connection.version(api, name, min, max);
    const body = encodeFetch(version, positions, {
      maxWaitMs: options.maxWaitMs,
      minBytes: options.maxWaitMs === 0 ? 0 : this.#settings.minBytes,
      maxBytes: options.maxBytes,
      maxBytesPerPartition: Math.min(options.maxBytesPerPartition ?? this.#settings.maxBytesPerPartition, options.maxBytes),
      readCommitted: this.#settings.readCommitted,
    });
    const timeoutMs = options.maxWaitMs + this.#settings.requestTimeoutMs;
    const { errorCode, partitions } = decodeFetch(await connection.request({ api, name, version, body, timeoutMs }), version);
    if (errorCode !== 0) throw exceptionOf(errorCode, 'a fetch was refused');
    const asked = new Map(positions.map((position) => [topicPartitionKey(position.topic, position.partition), position.offset]));
    return Promise.all(partitions.map((answer) => this.#decode(answer, asked.get(topicPartitionKey(answer.topic, answer.partition)) ?? 0)));
  }

  async #decode(answer: FetchAnswer, offset: number): Promise<FetchedPartition> {
    const { topic, partition } = answer;
    const { readCommitted, checkCrcs } = this.#settings;
    if (errorName(answer.errorCode) === 'OFFSET_OUT_OF_RANGE') {
      const end = await this.endOffsets([{ topic, partition }]);
      return {
        topic,
        partition,
        records: [],
        nextOffset: offset,
        endOffset: end.get(topicPartitionKey(topic, partition)) ?? -1,
        outOfRange: true,
      };
    }
    this.#check(answer, 'reading');
    const aborted = readCommitted ? answer.aborted : null;
    const { records, nextOffset } = await decodeRecordBatches(answer.batches ?? EMPTY, topic, partition, offset, aborted, checkCrcs);
    const endOffset = readCommitted ? answer.lastStableOffset : answer.highWatermark;
    return { topic, partition, records, nextOffset, endOffset, outOfRange: false };
  }

  async #listOffsets(partitions: readonly TopicPartition[], timestampMs: number): Promise<Map<string, number>> {
    if (partitions.length === 0) return new Map();
    return this.#cluster.retry(async () => {
      const found = new Map<string, number>();
      const byLeader = await this.#byLeader(partitions);
      await Promise.all(
        [...byLeader].map(async ([node, ofNode]) => {
          const connection = await this.#cluster.toNode(node);
          const body = encodeListOffsets(ofNode, timestampMs, this.#settings.readCommitted);
          for (const answer of decodeListOffsets(await connection.request({ ...LIST_OFFSETS, body }))) {
            this.#check(answer, 'looking for offsets');
            found.set(topicPartitionKey(answer.topic, answer.partition), answer.offset);
          }
        }),
      );
      return found;
    });
  }

  #check(answer: TopicPartition & { readonly errorCode: number }, what: string): void {
    if (answer.errorCode === 0) return;
    this.#cluster.forgetTopic(answer.topic);
    throw exceptionOf(answer.errorCode, `${what} in ${answer.topic}-${answer.partition} failed`);
  }

  async #byLeader<T extends TopicPartition>(partitions: readonly T[]): Promise<Map<number, T[]>> {
    if (this.#closed) throw new KafkaException('the reader was closed', { kafkaCode: null, retriable: false, code: 'kafka-client-closed' });
    const topics = await this.#cluster.topics([...new Set(partitions.map(({ topic }) => topic))], false);
    const leaders = new Map(topics.map(({ topic, leaders }) => [topic, leaders]));
    return Map.groupBy(partitions, ({ topic, partition }) => {
      const leader = leaders.get(topic)?.[partition];
      if (leader !== undefined && leader !== -1) return leader;
      this.#cluster.forgetTopic(topic);
      throw exceptionOf(leader === undefined ? 3 : 5, `${topic}-${partition} cannot be read`);
    });
  }
}

const EMPTY = Buffer.alloc(0);

function hasNews(positions: readonly ReadPosition[]): (fetched: FetchedPartition) => boolean {
  const asked = new Map(positions.map(({ topic, partition, offset }) => [topicPartitionKey(topic, partition), offset]));
  return ({ topic, partition, nextOffset, outOfRange }) => outOfRange || nextOffset !== asked.get(topicPartitionKey(topic, partition));
}
