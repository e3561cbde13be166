import { ConnectException } from '../core/errors.ts';
import type { ProducerRecord } from '../core/kafka-record.ts';
import type { Logger } from '../core/logger.ts';
import { KafkaException } from '../kafka/errors.ts';
import type { NewTopic, TopicAdmin } from '../kafka/topic-admin.ts';

/** What creating a source's topics needs. */
export interface TopicCreatorDeps {
  /** The topic as the first matching group of `topic.creation.*` says; null = topics are left to the broker. */
  readonly newTopic: ((topic: string) => NewTopic) | null;
  readonly admin: () => Promise<TopicAdmin>;
  readonly logger: Logger;
  /** Called once per topic a task writes to (KIP-558). */
  readonly onTopic: (topic: string) => void;
}

/** Sees each topic once: creates it where the configuration says how (KIP-158), and reports it as active. */
export class TopicCreator {
  readonly #deps: TopicCreatorDeps;
  readonly #seen = new Set<string>();
  #admin: TopicAdmin | null = null;

  constructor(deps: TopicCreatorDeps) {
    this.#deps = deps;
  }

  /** Before records are sent. Throws ConnectException when a topic may not be created; retriable when Kafka is down. */
  async ensure(records: readonly ProducerRecord[]): Promise<void> {
    let last: string | null = null;
    for (const { topic } of records) {
      if (topic === last) continue;
      last = topic;
      if (this.#seen.has(topic)) continue;
      if (this.#deps.newTopic !== null) await this.#create(topic, this.#deps.newTopic(topic));
      this.#seen.add(topic);
      this.#deps.onTopic(topic);
    }
  }

  async #create(topic: string, newTopic: NewTopic): Promise<void> {
    this.#admin ??= await this.#deps.admin();
    if ((await this.#admin.describeTopics([topic])).has(topic)) return;
    try {
      if (await this.#admin.createTopic(newTopic)) {
        this.#deps.logger.info('created topic', { topic, partitions: newTopic.partitions, replicationFactor: newTopic.replicationFactor });
      }
    } catch (error) {
      if (error instanceof KafkaException && error.retriable) throw error;
      throw new ConnectException(
        `Task failed to create new topic ${topic} (partitions ${newTopic.partitions ?? 'broker default'}, replication factor ${newTopic.replicationFactor ?? 'broker default'}). Ensure that the task is authorized to create topics or that the topic exists and restart the task`,
        { cause: error, code: 'topic-not-created' },
      );
    }
  }

  async close(): Promise<void> {
    await this.#admin?.close();
    this.#admin = null;
  }
}
