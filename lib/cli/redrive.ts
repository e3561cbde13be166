import { ConnectException } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { RecordProducer } from '../kafka/record-producer.ts';
import { ATTEMPTS_HEADER, type DeadLetter } from './dead-letters.ts';
import type { KafkaAccess } from './kafka-access.ts';

interface RedriveOptions {
  readonly kafka: KafkaAccess;
  /** The dead letter queue. */
  readonly source: string;
  /** null = where each came from. */
  readonly toTopic: string | null;
  readonly maxAttempts: number;
  /** False = nothing is sent. */
  readonly execute: boolean;
}

/** What was sent, or would be; `--output json` prints it. */
export interface RedriveReport {
  readonly dryRun: boolean;
  readonly topic: string;
  /** Records looked at. */
  readonly read: number;
  /** Records sent, or that would be. */
  readonly sent: number;
  readonly left: { readonly notSelected: number; readonly attempts: number; readonly unknownOrigin: number };
  readonly destinations: readonly { readonly to: string; readonly error: string | null; readonly records: number }[];
}

/** Sends dead letters back, batch by batch; without `execute` it only counts. */
export class Redrive {
  readonly #options: RedriveOptions;
  readonly #partitions = new Map<string, number>();
  readonly #destinations = new Map<string, { to: string; error: string | null; records: number }>();
  readonly #left = { notSelected: 0, attempts: 0, unknownOrigin: 0 };
  #producer: RecordProducer | null = null;
  read = 0;
  sent = 0;
  /** What Kafka did not take. */
  readonly failed: Error[] = [];

  constructor(options: RedriveOptions) {
    this.#options = options;
  }

  /** Throws ConnectException (`unknown-topic`) before anything of the batch is sent, where a destination does not exist any more. */
  async take(letters: readonly DeadLetter[], selected: (letter: DeadLetter) => boolean): Promise<void> {
    const { execute, kafka, maxAttempts } = this.#options;
    this.read += letters.length;
    const chosen: DeadLetter[] = [];
    for (const letter of letters) {
      if (!selected(letter)) this.#left.notSelected++;
      else if (letter.attempts >= maxAttempts) this.#left.attempts++;
      else if (letter.origin === null && this.#options.toTopic === null) this.#left.unknownOrigin++;
      else chosen.push(letter);
    }
    if (chosen.length === 0) return;
    const records = chosen.map((letter) => this.#recordOf(letter));
    await this.#requireDestinations(records);
    let failed: ReadonlyMap<number, Error> = new Map();
    if (execute) {
      this.#producer ??= kafka.clients.producer({ acks: 'all', 'enable.idempotence': 'true', ...kafka.settings });
      ({ failed } = await this.#producer.send(records));
      this.failed.push(...failed.values());
    }
    for (const [i, record] of records.entries()) if (!failed.has(i)) this.#count(record, chosen[i]?.error ?? null);
  }

  report(): RedriveReport {
    const { execute, source } = this.#options;
    return {
      dryRun: !execute,
      topic: source,
      read: this.read,
      sent: this.sent,
      left: { ...this.#left },
      destinations: [...this.#destinations.values()],
    };
  }

  /** The record as it was before it failed, and how often it was sent back. */
  #recordOf({ attempts, headers, origin, record }: DeadLetter): ProducerRecord {
    const { toTopic } = this.#options;
    return {
      topic: toTopic ?? (origin?.topic as string),
      partition: toTopic === null ? (origin?.partition as number) : null,
      key: record.key,
      value: record.value,
      timestamp: record.timestamp < 0 ? null : record.timestamp,
      headers: [...headers, { key: ATTEMPTS_HEADER, value: Buffer.from(String(attempts + 1)) }],
    };
  }

  async #requireDestinations(records: readonly ProducerRecord[]): Promise<void> {
    const { kafka, source } = this.#options;
    const unknown = [...new Set(records.map(({ topic }) => topic))].filter((topic) => !this.#partitions.has(topic));
    for (const [topic, count] of unknown.length === 0 ? [] : await kafka.partitionsOf(unknown)) this.#partitions.set(topic, count);
    for (const { partition, topic } of records) {
      const count = this.#partitions.get(topic);
      const why =
        topic === source
          ? 'it is this queue itself'
          : count === undefined
            ? 'it does not exist'
            : partition !== null && partition >= count
              ? `it has ${count} partitions`
              : null;
      if (why === null) continue;
      const place = partition === null ? topic : `${topic}, partition ${partition}`;
      throw new ConnectException(
        `cannot send records back to ${place}: ${why}; --to-topic names another topic, --from-topic leaves it out`,
        {
          code: 'unknown-topic',
        },
      );
    }
  }

  #count({ partition, topic }: ProducerRecord, error: string | null): void {
    this.sent++;
    const to = partition === null ? topic : `${topic}-${partition}`;
    const key = JSON.stringify([to, error]);
    const known = this.#destinations.get(key) ?? { to, error, records: 0 };
    known.records++;
    this.#destinations.set(key, known);
  }
}
