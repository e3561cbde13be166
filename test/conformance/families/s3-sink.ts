import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { S3SinkConnector } from '../../../lib/connectors/s3/sink/sink-connector.ts';
import { sinkSettings } from '../../../lib/connectors/s3/sink/sink-settings.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import type { SinkTask, SinkTaskContext } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { parseTopicPartitionKey, type TopicPartition, topicPartitionKey } from '../../../lib/core/topic-partition.ts';
import { MemoryLogger } from '../../../lib/testing/task-contexts.ts';
import { avroFileContent } from '../../support/s3/read-avro.ts';
import { parquetFileContent } from '../../support/s3/read-parquet.ts';
import { type S3Fault, type StoredObject, TestS3 } from '../../support/s3/test-s3.ts';
import { type ConformanceCase, encodeError } from '../format/case.ts';
import { decodeRecord, type RecordJson } from '../format/record-codec.ts';
import { listsSorted } from '../format/s3-case.ts';

interface Step {
  readonly op: 'start' | 'open' | 'close' | 'put' | 'clock' | 'preCommit' | 'stop' | 'crash';
  readonly partitions?: readonly TopicPartition[];
  readonly records?: readonly RecordJson[];
  readonly now?: number;
  readonly expect?: Readonly<Record<string, unknown>>;
}

interface S3Case extends ConformanceCase {
  readonly clock: number;
  readonly errantRecordReporter?: boolean;
  readonly existing?: readonly { readonly key: string; readonly text: string }[];
  readonly faults?: readonly S3Fault[];
  readonly steps: readonly Step[];
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

/** Family `s3-sink`: the task, step by step, against an S3 of our own. */
export async function run(case_: ConformanceCase): Promise<unknown> {
  return listsSorted(case_.op === 'validate' ? validate(case_) : await new S3Run(case_ as S3Case).run());
}

function validate({ config = {} }: ConformanceCase): unknown {
  let construct: unknown;
  try {
    sinkSettings(config);
  } catch (error) {
    const { class: class_, message } = encodeError(error);
    construct = { class: class_, message };
  }
  const { values } = new S3SinkConnector().validate(config);
  const errors = values
    .filter(({ errorMessages }) => errorMessages.length > 0)
    .map(({ name, errorMessages }) => ({ name, messages: errorMessages }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { errors, ...(construct === undefined ? {} : { construct }) };
}

class FixedClock implements Clock {
  current: number;

  constructor(current: number) {
    this.current = current;
  }

  now(): number {
    return this.current;
  }

  monotonic(): number {
    return this.current;
  }

  async sleep(): Promise<void> {}
}

class S3Run {
  readonly #case: S3Case;
  readonly #clock: FixedClock;
  readonly #s3: TestS3;
  #task: SinkTask | null = null;
  #assignment: readonly TopicPartition[] = [];
  #paused = new Set<string>();
  #rewound: unknown[] = [];
  #timeoutMs: number | null = null;
  #reported: unknown[] = [];

  constructor(case_: S3Case) {
    this.#case = case_;
    this.#clock = new FixedClock(case_.clock);
    this.#s3 = new TestS3(case_.id === 'fail/no-bucket' ? 'another' : 'bucket');
  }

  async run(): Promise<unknown> {
    const { existing = [], faults = [], steps } = this.#case;
    await this.#s3.start();
    try {
      for (const { key, text } of existing) this.#s3.put(key, Buffer.from(text));
      this.#s3.faults.push(...faults.map((fault) => ({ ...fault })));
      const outcomes: unknown[] = [];
      for (const step of steps) outcomes.push(await this.#step(step));
      const objects = [...this.#s3.objects].filter(([key]) => this.#everWritten.has(key)).sort(([a], [b]) => (a < b ? -1 : 1));
      return { steps: outcomes, objects: await Promise.all(objects.map(([key, object]) => describeObject(key, object))) };
    } finally {
      await this.#s3.stop();
    }
  }

  async #step(step: Step): Promise<unknown> {
    this.#s3.completed.splice(0);
    this.#rewound = [];
    this.#timeoutMs = null;
    this.#reported = [];
    const outcome: Record<string, unknown> = {};
    const silent = step.op === 'clock' || step.op === 'crash';
    try {
      const offsets = await this.#perform(step);
      if (offsets !== undefined) outcome.offsets = offsets;
    } catch (error) {
      const { class: class_, message } = encodeError(error);
      outcome.error = { class: class_, message };
    }
    const written = [...this.#s3.completed].sort();
    for (const key of written) this.#everWritten.add(key);
    if (written.length > 0) outcome.written = [...new Set(written)];
    if (this.#rewound.length > 0) outcome.rewound = this.#rewound;
    if (this.#timeoutMs !== null) outcome.timeoutMs = this.#timeoutMs;
    if (this.#reported.length > 0) outcome.reported = this.#reported;
    if (this.#paused.size > 0 && !silent) outcome.paused = [...this.#paused].sort();
    return outcome;
  }

  readonly #everWritten = new Set<string>();

  async #perform(step: Step): Promise<unknown> {
    switch (step.op) {
      case 'clock':
        this.#clock.current = step.now!;
        return undefined;
      case 'crash':
        this.#task = null;
        this.#paused = new Set();
        return undefined;
      case 'start':
        await this.#start();
        return undefined;
      case 'open':
        this.#assignment = [...this.#assignment, ...step.partitions!];
        await this.#task!.open?.(step.partitions!);
        return undefined;
      case 'close': {
        const closed = new Set(step.partitions!.map(({ topic, partition }) => topicPartitionKey(topic, partition)));
        await this.#task!.close?.(step.partitions!);
        this.#assignment = this.#assignment.filter(({ topic, partition }) => !closed.has(topicPartitionKey(topic, partition)));
        for (const key of closed) this.#paused.delete(key);
        return undefined;
      }
      case 'put':
        await this.#task!.put(step.records!.map((record) => decodeRecord(withLongTexts(record)) as SinkRecord));
        return undefined;
      case 'stop':
        await this.#task!.stop();
        return undefined;
      case 'preCommit': {
        const offsets = await this.#task!.preCommit!(new Map());
        return [...offsets].map(([key, offset]) => ({ ...parseTopicPartitionKey(key), offset })).sort((a, b) => (key(a) < key(b) ? -1 : 1));
      }
    }
  }

  async #start(): Promise<void> {
    const Task = new S3SinkConnector().taskClass();
    this.#task = new Task();
    this.#assignment = [];
    this.#task.initialize(this.#context());
    await this.#task.start({
      's3.retry.backoff.ms': '1',
      ...this.#case.config,
      name: 's3-sink',
      'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
      topics: 'orders',
      'store.url': this.#s3.url,
      'aws.access.key.id': 'test-key',
      'aws.secret.access.key': 'test-secret',
    });
  }

  #context(): SinkTaskContext {
    const report = async (record: SinkRecord, error: unknown) => {
      const { class: class_, message } = encodeError(error);
      this.#reported.push({
        topic: record.topic,
        partition: record.kafkaPartition,
        offset: record.kafkaOffset,
        error: { class: class_, message },
      });
    };
    return {
      logger: new MemoryLogger(),
      clock: this.#clock,
      random: () => 0.5,
      signal: new AbortController().signal,
      configs: () => ({}),
      offset: (offsets) => {
        for (const [key, offset] of offsets) this.#rewound.push({ ...parseTopicPartitionKey(key), offset });
      },
      timeout: (ms) => {
        this.#timeoutMs = ms;
      },
      assignment: () => this.#assignment,
      pause: (...partitions) => {
        for (const tp of partitions) this.#paused.add(topicPartitionKey(tp.topic, tp.partition));
      },
      resume: (...partitions) => {
        for (const tp of partitions) this.#paused.delete(topicPartitionKey(tp.topic, tp.partition));
      },
      requestCommit: () => undefined,
      errantRecordReporter: () => (this.#case.errantRecordReporter === true ? { report } : null),
    };
  }
}

const key = ({ topic, partition }: TopicPartition) => `${topic}-${String(partition).padStart(9, '0')}`;

/** `{"repeat", "times", "kind"}` at its length. */
function withLongTexts(record: RecordJson): RecordJson {
  const long = (value: unknown) => {
    const { repeat, times = 0, kind } = (value ?? {}) as { repeat?: string; times?: number; kind?: string };
    if (repeat === undefined) return value;
    if (kind !== 'bytes') return { [kind as string]: repeat.repeat(times) };
    // The recorder took the first four characters of base64 for its period, which is longer: the bytes were `abcd` again and again, as the
    // length and the hash of what was written prove.
    const bytes = repeat === 'YWJj' ? 'abcd'.repeat(Math.floor((times * 3) / 4)) : Buffer.from(repeat.repeat(times), 'base64');
    return { bytes: Buffer.from(bytes as string).toString('base64') };
  };
  return { ...record, key: long(record.key) as RecordJson['key'], value: long(record.value) as RecordJson['value'] };
}

async function describeObject(key: string, object: StoredObject): Promise<unknown> {
  const { content, parts, tags, headers } = object;
  return {
    key,
    ...(parts > 1 ? { parts } : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(await describeContent(key, content)),
  };
}

const LONG = 100_000;

async function describeContent(key: string, content: Buffer): Promise<Record<string, unknown>> {
  if (key.endsWith('.gz')) return { gzip: await describeContent(key.slice(0, -3), gunzipSync(content)) };
  if (key.endsWith('.avro')) return { avro: await avroFileContent(content) };
  if (key.endsWith('.parquet')) return { parquet: await parquetFileContent(content) };
  if (content.length > LONG) return { length: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  const text = content.toString('utf8');
  return Buffer.from(text).equals(content) ? { text } : { bytes: content.toString('base64') };
}
