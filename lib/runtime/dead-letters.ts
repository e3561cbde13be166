import { ConnectException } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { RecordProducer } from '../kafka/record-producer.ts';
import type { TopicAdmin } from '../kafka/topic-admin.ts';
import type { DeadLetters } from '../processing/error-reporters.ts';

/** What a dead letter queue on Kafka needs. Clients are made when the first record fails: most sinks never need one. */
export interface KafkaDeadLettersDeps {
  readonly topic: string;
  readonly replicationFactor: number;
  readonly producer: () => Promise<RecordProducer>;
  readonly admin: () => Promise<TopicAdmin>;
  /** Called once per letter that Kafka took. */
  readonly onSent: () => void;
}

/** Sends dead letters to a Kafka topic, which is created with one partition if it is not there (as Connect does). */
export class KafkaDeadLetters implements DeadLetters {
  readonly #deps: KafkaDeadLettersDeps;
  #ready: Promise<RecordProducer> | null = null;

  constructor(deps: KafkaDeadLettersDeps) {
    this.#deps = deps;
  }

  async send(records: readonly ProducerRecord[]): Promise<void> {
    this.#ready ??= this.#open();
    let producer: RecordProducer;
    try {
      producer = await this.#ready;
    } catch (error) {
      // The next letter tries again.
      this.#ready = null;
      throw error;
    }
    const { failed } = await producer.send(records);
    for (const error of failed.values()) throw error;
    for (const _ of records) this.#deps.onSent();
  }

  /** Creates the topic where it is not there. Throws ConnectException. */
  async createTopic(): Promise<void> {
    const { replicationFactor, topic } = this.#deps;
    const admin = await this.#deps.admin();
    try {
      if (!(await admin.describeTopics([topic])).has(topic)) {
        await admin.createTopic({ topic, partitions: 1, replicationFactor, configs: {} });
      }
    } catch (error) {
      throw new ConnectException(`Could not initialize dead letter queue with topic=${topic}`, { cause: error });
    } finally {
      await admin.close();
    }
  }

  async #open(): Promise<RecordProducer> {
    await this.createTopic();
    return this.#deps.producer();
  }
}
