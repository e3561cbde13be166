import { CREATE_TOPICS, decodeCreateTopic, encodeCreateTopic } from '../protocol/admin.ts';
import { errorName, exceptionOf } from '../protocol/error-codes.ts';
import type { NewTopic, TopicAdmin, TopicDescription } from '../topic-admin.ts';
import type { Cluster } from './cluster.ts';

/** Looks at topics and creates them. */
export class KafkaTopicAdmin implements TopicAdmin {
  readonly #cluster: Cluster;
  readonly #release: () => void;
  #closed = false;

  constructor(cluster: Cluster, release: () => void) {
    this.#cluster = cluster;
    this.#release = release;
  }

  async describeTopics(topics: readonly string[]): Promise<Map<string, TopicDescription>> {
    if (topics.length === 0) return new Map();
    for (const topic of topics) this.#cluster.forgetTopic(topic);
    const found = await this.#cluster.retry(() => this.#cluster.topics(topics, false));
    return new Map(
      found
        .filter(({ errorCode }) => errorCode === 0)
        .map(
          ({ topic, topicId, leaders }) =>
            [topic, { topic, partitions: leaders.length, ...(topicId === null ? {} : { topicId }) }] satisfies [string, TopicDescription],
        ),
    );
  }

  async listTopics(): Promise<string[]> {
    const topics = await this.#cluster.retry(() => this.#cluster.allTopics());
    return topics.map(({ topic }) => topic);
  }

  async createTopic(topic: NewTopic): Promise<boolean> {
    const timeoutMs = this.#cluster.settings.connection.requestTimeoutMs;
    const created = await this.#cluster.retry(async () => {
      const connection = await this.#cluster.toController();
      const { api, name, min, max } = CREATE_TOPICS;
      const version = connection.version(api, name, min, max);
      const { errorCode, message } = decodeCreateTopic(
        await connection.request({ api, name, version, body: encodeCreateTopic(topic, timeoutMs) }),
      );
      if (errorCode === 0) return true;
      if (errorName(errorCode) === 'TOPIC_ALREADY_EXISTS') return false;
      this.#cluster.forgetController();
      throw exceptionOf(errorCode, `creating topic ${topic.topic} failed`, message);
    });
    if (created) await this.#visible(topic.topic);
    return created;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }

  /** The controller answers before every broker has heard of the topic, which then looks as if it did not exist. */
  async #visible(topic: string): Promise<void> {
    await this.#cluster.retry(async () => {
      const [seen] = await this.#cluster.topics([topic], false);
      if (seen?.errorCode !== 0 || seen.leaders.includes(-1)) {
        this.#cluster.forgetTopic(topic);
        throw exceptionOf(5, `topic ${topic} was created and cannot be seen yet`);
      }
    });
  }
}
