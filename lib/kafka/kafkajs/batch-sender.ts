import { KafkaException } from '../errors.ts';
import type { CompressionType } from '../protocol/compression/codecs.ts';
import { errorName, exceptionOf, isRetriableCode } from '../protocol/error-codes.ts';
import { decodeProduceResponse, encodeProduceRequest, PRODUCE, type ProduceAnswer, type ProduceEntry } from '../protocol/produce.ts';
import { encodeRecordBatch } from '../protocol/record-batch-writer.ts';
import { NO_PRODUCER, type ProducerIdentity } from '../protocol/transactions.ts';
import type { Cluster } from './cluster.ts';
import { Batch, PartitionQueue } from './partition-queue.ts';
import type { PendingSend } from './pending-send.ts';
import { exponentialBackoffMs } from './retry.ts';

/** How batches are sent. */
export interface SenderSettings {
  readonly acks: -1 | 1;
  readonly compression: CompressionType;
  readonly maxRequestBytes: number;
  /** `max.in.flight.requests.per.connection`, at most 5: so many batches a broker remembers of an idempotent producer. */
  readonly maxInFlight: number;
  readonly requestTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
}

/** Where producer ids come from, and what has to happen before a batch is written. */
export interface SenderIdentity {
  readonly transactionalId: string | null;
  /** The id to send with; null = not idempotent. Called when there is none, or the last one may not be used further. */
  acquire(previous: ProducerIdentity): Promise<ProducerIdentity | null>;
  /** Called in the order of the writes, before each. */
  beforeWrite(queues: readonly PartitionQueue[]): Promise<void>;
}

/** Splits a batch that the broker finds too large; see {@link splitBatch}. */
export type Splitter = (batch: Batch, sizeBytes: number) => Promise<readonly Batch[]>;

/** About every 8 s while an outage lasts. */
const WARN_EVERY_FAILURES = 8;
const ALONE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP']);
const NEW_PRODUCER_ID = new Set(['UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_ID_MAPPING', 'INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);

/**
 * Sends the batches of every partition to its leader: one request takes one batch of each partition of a broker, up to five requests are
 * under way per broker, and each partition keeps its order. Repetitions carry the same sequence numbers, so the broker stores them once.
 */
export class BatchSender {
  readonly #cluster: Cluster;
  readonly #purpose: string;
  readonly #settings: SenderSettings;
  readonly #source: SenderIdentity;
  readonly #split: Splitter;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #requestsUnderWay = new Map<number, number>();
  /** Per broker: encoding and writing happen one after the other, in the order of the sequence numbers. */
  readonly #lastWrite = new Map<number, Promise<unknown>>();
  /** null = not idempotent; undefined = to be acquired. */
  #identity: ProducerIdentity | null | undefined;
  #previous: ProducerIdentity = NO_PRODUCER;
  /** Topics whose leaders are being looked for. */
  readonly #looking = new Set<string>();
  #acquiring = false;
  #renew = false;
  #wake: AbortController | null = null;
  #closed = false;

  constructor(cluster: Cluster, purpose: string, settings: SenderSettings, source: SenderIdentity, split: Splitter) {
    this.#cluster = cluster;
    this.#purpose = purpose;
    this.#settings = settings;
    this.#source = source;
    this.#split = split;
  }

  /** Takes over an identity that was acquired outside (transactions); sequence numbers start again. Nothing may be under way. */
  adopt(identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#previous = identity;
    this.#renew = false;
    for (const queue of this.#queues.values()) queue.renumber();
  }

  /** True when a batch was given up whose fate is unknown: the producer id may not be used further. */
  get spoiled(): boolean {
    return this.#renew;
  }

  /** Appends to the partition's queue; call {@link BatchSender.flush} after the last. */
  append(send: PendingSend, topic: string, partition: number, indices: readonly number[], sizeBytes: number): void {
    const key = `${topic}-${partition}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition);
      this.#queues.set(key, queue);
    }
    queue.batches.push(new Batch(queue, send, indices, sizeBytes, this.#cluster.clock.monotonic() + this.#settings.deliveryTimeoutMs));
  }

  /** Sends what can be sent now; the rest follows as answers come. */
  flush(): void {
    this.#pump();
  }

  /** Takes the batches of an aborted send back, as far as they are not under way. */
  forget(send: PendingSend): void {
    for (const queue of this.#queues.values()) {
      for (const batch of queue.batches.filter((candidate) => candidate.send === send && !candidate.inFlight)) this.#giveUp(batch);
    }
    this.#pump();
  }

  /** Fails everything that is not acknowledged. */
  close(reason: Error): void {
    this.#closed = true;
    this.#wake?.abort();
    for (const queue of this.#queues.values()) {
      this.#failQueue(queue, reason);
    }
  }

  #pump(): void {
    this.#wake?.abort();
    this.#wake = null;
    if (this.#closed || this.#acquiring) return;
    const waiting = [...this.#queues.values()].some((queue) => queue.batches.length > 0);
    if (this.#identity === undefined || this.#renew) {
      if (waiting && this.#underWay() === 0) this.#acquire();
      return;
    }
    if (!waiting) return;
    // one reading of the clock for both: a queue that becomes ready between two would neither be sent nor waited for
    const now = this.#cluster.clock.monotonic();
    while (this.#sendOnce(now));
    this.#sleepUntilReady(now);
  }

  /** One request to each broker that may take one. False = nothing could be sent. */
  #sendOnce(now: number): boolean {
    const perPartition = this.#identity === null ? 1 : this.#settings.maxInFlight;
    const byNode = new Map<number, { batches: Batch[]; sizeBytes: number }>();
    for (const queue of this.#queues.values()) {
      const batch = queue.next(now, perPartition);
      if (batch === undefined) continue;
      const node = this.#cluster.knownTopic(queue.topic)?.leaders[queue.partition] ?? -1;
      if (node === -1) {
        this.#lookForLeader(queue, now);
        continue;
      }
      if ((this.#requestsUnderWay.get(node) ?? 0) >= this.#settings.maxInFlight) continue;
      const request = byNode.get(node) ?? { batches: [], sizeBytes: 0 };
      if (request.batches.length > 0 && request.sizeBytes + batch.sizeBytes > this.#settings.maxRequestBytes) continue;
      request.batches.push(batch);
      request.sizeBytes += batch.sizeBytes;
      byNode.set(node, request);
    }
    for (const [node, { batches }] of byNode) this.#transmit(node, batches);
    return byNode.size > 0;
  }

  #transmit(node: number, batches: readonly Batch[]): void {
    this.#requestsUnderWay.set(node, (this.#requestsUnderWay.get(node) ?? 0) + 1);
    for (const batch of batches) {
      batch.inFlight = true;
      batch.queue.number(batch);
    }
    // the answer is wrapped: the next write waits for this write, not for its answer
    const written = (this.#lastWrite.get(node) ?? Promise.resolve()).then(async () => ({ answer: await this.#write(node, batches) }));
    this.#lastWrite.set(
      node,
      written.catch(() => {}),
    );
    written
      .then(async ({ answer }) => this.#settle(batches, await answer.answers(), answer.sizes))
      .catch((error: unknown) => this.#interrupted(batches, error))
      .finally(() => {
        this.#requestsUnderWay.set(node, (this.#requestsUnderWay.get(node) ?? 1) - 1);
        this.#pump();
      });
  }

  async #write(
    node: number,
    batches: readonly Batch[],
  ): Promise<{ answers: () => Promise<ProduceAnswer[]>; sizes: ReadonlyMap<Batch, number> }> {
    const { acks, compression, requestTimeoutMs } = this.#settings;
    const { transactionalId } = this.#source;
    const identity = this.#identity ?? NO_PRODUCER;
    const entries: ProduceEntry[] = [];
    const sizes = new Map<Batch, number>();
    for (const batch of batches) {
      const producer = {
        ...identity,
        firstSequence: identity === NO_PRODUCER ? -1 : batch.sequence,
        transactional: transactionalId !== null,
      };
      const bytes = await encodeRecordBatch(batch.send.records, batch.indices, producer, compression, batch.send.now);
      sizes.set(batch, bytes.length);
      entries.push({ topic: batch.queue.topic, partition: batch.queue.partition, batch: bytes });
    }
    await this.#source.beforeWrite(batches.map((batch) => batch.queue));
    const connection = await this.#cluster.toNode(node, this.#purpose);
    const { api, name, min, max } = PRODUCE;
    const version = connection.version(api, name, min, max);
    const body = encodeProduceRequest(transactionalId, acks, requestTimeoutMs, entries);
    const response = connection.request({ api, name, version, body });
    return { answers: async () => decodeProduceResponse(await response, version), sizes };
  }

  async #settle(batches: readonly Batch[], answers: readonly ProduceAnswer[], sizes: ReadonlyMap<Batch, number>): Promise<void> {
    const now = this.#cluster.clock.monotonic();
    for (const batch of batches) {
      if (batch.settled) continue;
      const { topic, partition } = batch.queue;
      const answer = answers.find((candidate) => candidate.partition === partition && candidate.topic === topic);
      if (answer === undefined) this.#again(batch, exceptionOf(-1, `the answer to Produce does not name ${topic}-${partition}`), now);
      else await this.#settleOne(batch, answer, sizes.get(batch) ?? batch.sizeBytes, now);
    }
  }

  async #settleOne(batch: Batch, answer: ProduceAnswer, sizeBytes: number, now: number): Promise<void> {
    const { queue } = batch;
    const name = errorName(answer.errorCode);
    if (answer.errorCode === 0 || name === 'DUPLICATE_SEQUENCE_NUMBER') {
      queue.proven = true;
      queue.remove(batch);
      batch.send.acknowledge(batch.indices, queue.partition, answer.errorCode === 0 ? answer.baseOffset : -1, answer.logAppendTime);
      return;
    }
    const error = exceptionOf(
      answer.errorCode,
      `${batch.indices.length} records for ${queue.topic}-${queue.partition} were refused`,
      answer.message,
    );
    const earlier = queue.batches.indexOf(batch) > 0;
    if (name === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && (earlier || batch.stale)) {
      batch.inFlight = batch.stale = false; // refused because of the one before it, which is sent again first
    } else if (this.#source.transactionalId === null && (name === 'OUT_OF_ORDER_SEQUENCE_NUMBER' || NEW_PRODUCER_ID.has(name))) {
      this.#renew = true;
      this.#again(batch, error, now);
    } else if (ALONE.has(name)) {
      await this.#isolate(batch, answer, error, sizeBytes);
    } else if (isRetriableCode(answer.errorCode)) {
      this.#cluster.forgetTopic(queue.topic);
      this.#again(batch, error, now);
    } else {
      this.#failQueue(queue, error);
    }
  }

  /** A record that cannot be stored fails alone: the broker names it, or the batch is split until it stands alone. */
  async #isolate(batch: Batch, answer: ProduceAnswer, error: KafkaException, sizeBytes: number): Promise<void> {
    const { queue, send } = batch;
    batch.inFlight = false;
    const named = new Map(answer.badRecords.map(({ index, message }) => [index, message]));
    if (batch.indices.length === 1 || named.size > 0) {
      const bad = batch.indices.filter((_, at) => batch.indices.length === 1 || named.has(at));
      const good = batch.indices.filter((_, at) => batch.indices.length > 1 && !named.has(at));
      queue.replace(batch, good.length === 0 ? [] : [new Batch(queue, send, good, batch.sizeBytes, batch.deadline)]);
      send.fail(bad, refusedRecord(error, [...named.values()][0] ?? null));
      return;
    }
    queue.blocked = true;
    try {
      const parts =
        error.kafkaCode === 'INVALID_RECORD' || error.kafkaCode === 'INVALID_TIMESTAMP'
          ? halves(batch)
          : await this.#split(batch, sizeBytes);
      queue.replace(batch, parts);
    } finally {
      queue.blocked = false;
    }
  }

  /** The request did not come through, or no answer came: nothing is known of its batches. */
  #interrupted(batches: readonly Batch[], error: unknown): void {
    const now = this.#cluster.clock.monotonic();
    for (const batch of batches) {
      if (batch.settled || !batch.inFlight) continue;
      if (error instanceof KafkaException && error.retriable) {
        this.#cluster.forgetTopic(batch.queue.topic);
        this.#again(batch, error, now);
      } else {
        this.#failQueue(batch.queue, error as Error);
      }
    }
  }

  /** Back into its place in the queue, or given up when its time is over. */
  #again(batch: Batch, error: KafkaException, now: number): void {
    batch.inFlight = batch.stale = false;
    if (batch.send.aborted) {
      this.#giveUp(batch);
      return;
    }
    batch.failures++;
    const line = { topic: batch.queue.topic, partition: batch.queue.partition, failures: batch.failures, error: error.message };
    if (batch.failures % WARN_EVERY_FAILURES === 0) this.#cluster.logger.warn('a batch still cannot be sent', line);
    else this.#cluster.logger.debug('a batch is sent again', line);
    const pause = exponentialBackoffMs(batch.failures);
    if (now + pause < batch.deadline) {
      batch.queue.notBefore = now + pause;
      return;
    }
    this.#failQueue(batch.queue, expired(batch, this.#settings.deliveryTimeoutMs, error));
  }

  #giveUp(batch: Batch): void {
    batch.settled = true;
    batch.queue.remove(batch);
    if (batch.sequence !== -1) this.#renew = this.#identity !== null;
  }

  /** Later records must not arrive where an earlier one did not: the whole queue fails. */
  #failQueue(queue: PartitionQueue, error: Error): void {
    for (const batch of queue.batches.splice(0)) {
      if (batch.sequence !== -1) this.#renew ||= this.#identity !== null;
      batch.settled = true;
      if (!batch.send.aborted) batch.send.fail(batch.indices, error);
    }
  }

  #lookForLeader(queue: PartitionQueue, now: number): void {
    const first = queue.batches[0] as Batch;
    queue.notBefore = now + exponentialBackoffMs(++first.failures);
    const problem = exceptionOf(5, `${queue.topic}-${queue.partition} has no leader`);
    if (queue.notBefore >= first.deadline) {
      if (!queue.batches.some((batch) => batch.inFlight)) this.#failQueue(queue, expired(first, this.#settings.deliveryTimeoutMs, problem));
      return;
    }
    if (this.#looking.has(queue.topic)) return;
    this.#looking.add(queue.topic);
    this.#cluster.forgetTopic(queue.topic);
    this.#cluster
      .topics([queue.topic], true)
      .then(([found]) => {
        for (const other of this.#queues.values()) {
          if (other.topic === queue.topic && (found?.leaders[other.partition] ?? -1) !== -1) other.notBefore = 0;
        }
      })
      .catch((error: unknown) => {
        if (!(error instanceof KafkaException) || !error.retriable) this.#failQueue(queue, error as Error);
      })
      .finally(() => {
        this.#looking.delete(queue.topic);
        this.#pump();
      });
  }

  #acquire(): void {
    this.#acquiring = true;
    this.#source
      .acquire(this.#previous)
      .then((identity) => {
        this.#identity = identity;
        this.#previous = identity ?? NO_PRODUCER;
        this.#renew = false;
        for (const queue of this.#queues.values()) queue.renumber();
      })
      .catch((error: unknown) => {
        for (const queue of this.#queues.values()) this.#failQueue(queue, error as Error);
      })
      .finally(() => {
        this.#acquiring = false;
        this.#pump();
      });
  }

  #underWay(): number {
    let sum = 0;
    for (const count of this.#requestsUnderWay.values()) sum += count;
    return sum;
  }

  #sleepUntilReady(now: number): void {
    let earliest = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues.values()) {
      if (queue.batches.length > 0 && queue.notBefore > now) earliest = Math.min(earliest, queue.notBefore);
    }
    if (earliest === Number.POSITIVE_INFINITY) return;
    const wake = new AbortController();
    this.#wake = wake;
    this.#cluster.clock
      .sleep(earliest - now, wake.signal)
      .then(() => {
        if (!wake.signal.aborted) this.#pump();
      })
      .catch(() => {});
  }
}

/** Two batches of half the records each. */
export function halves(batch: Batch): readonly Batch[] {
  const middle = batch.indices.length >> 1;
  const half = (indices: readonly number[]) => new Batch(batch.queue, batch.send, indices, Math.ceil(batch.sizeBytes / 2), batch.deadline);
  return [half(batch.indices.slice(0, middle)), half(batch.indices.slice(middle))];
}

function refusedRecord(error: KafkaException, detail: string | null): KafkaException {
  const tooLarge = error.kafkaCode === 'MESSAGE_TOO_LARGE' || error.kafkaCode === 'RECORD_LIST_TOO_LARGE';
  return new KafkaException(
    tooLarge ? 'The request included a message larger than the max message size the server will accept.' : (detail ?? error.message),
    {
      kafkaCode: error.kafkaCode,
      retriable: false,
      javaClass: tooLarge ? 'org.apache.kafka.common.errors.RecordTooLargeException' : error.javaClass,
      cause: error,
    },
  );
}

function expired(batch: Batch, afterMs: number, cause: KafkaException): KafkaException {
  const { topic, partition } = batch.queue;
  return new KafkaException(
    `Expiring ${batch.indices.length} record(s) for ${topic}-${partition}:${afterMs} ms has passed since batch creation`,
    {
      kafkaCode: cause.kafkaCode,
      retriable: true,
      javaClass: 'org.apache.kafka.common.errors.TimeoutException',
      cause,
    },
  );
}
