import type { Clock, Random } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { KafkaException } from '../errors.ts';
import { exceptionOf, isRetriableCode } from '../protocol/error-codes.ts';
import { type BrokerNode, decodeMetadataResponse, encodeMetadataRequest, METADATA, type TopicMetadata } from '../protocol/metadata.ts';
import { WireWriter } from '../protocol/wire-writer.ts';
import { BrokerConnection, type ConnectionSettings } from './internals.ts';
import { exponentialBackoffMs, retrying } from './retry.ts';

/** How a cluster is reached. */
export interface ClusterSettings {
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  readonly connection: ConnectionSettings;
  /** `metadata.max.age.ms` */
  readonly metadataMaxAgeMs: number;
  /** `default.api.timeout.ms`: how long a call tries again before it fails. */
  readonly apiTimeoutMs: number;
}

/** What surrounds an adapter. */
export interface ClusterContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A function that was frozen this long finds its sockets dead more often than not (load balancers drop idle flows after 60 s and more). */
const FROZEN_AFTER_MS = 60_000;
const FIND_COORDINATOR = { api: 10, name: 'FindCoordinator', version: 1 } as const;

/** Connections to the brokers of one cluster, and what they say of its topics and coordinators. Shared by clients with equal settings. */
export class Cluster {
  readonly settings: ClusterSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #nodes = new Map<number, BrokerNode>();
  readonly #topics = new Map<string, TopicMetadata & { readonly at: number }>();
  readonly #coordinators = new Map<string, number>();
  #controllerId = -1;
  #lastUsed: number;
  #closed = false;

  constructor(settings: ClusterSettings, context: ClusterContext) {
    this.settings = settings;
    this.clock = context.clock;
    this.random = context.random;
    this.logger = context.logger;
    this.#lastUsed = context.clock.now();
  }

  /** What is known of the topics, asked for again where it is older than `metadata.max.age.ms`. Topics that do not exist have an error code. */
  async topics(topics: readonly string[], autoCreate: boolean): Promise<TopicMetadata[]> {
    const oldest = this.clock.monotonic() - this.settings.metadataMaxAgeMs;
    const missing = topics.filter((topic) => {
      const known = this.#topics.get(topic);
      return known === undefined || known.at < oldest;
    });
    if (missing.length > 0) await this.#refresh(missing, autoCreate);
    return topics.map((topic) => this.#topics.get(topic) ?? { topic, errorCode: 3, topicId: null, leaders: [] });
  }

  /** Every topic there is. */
  async allTopics(): Promise<TopicMetadata[]> {
    return this.#refresh(null, false);
  }

  /** Forgets a topic, because a broker said that it no longer leads one of its partitions. */
  forgetTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /** The topic as last seen; undefined = never asked for, or forgotten. */
  knownTopic(topic: string): TopicMetadata | undefined {
    return this.#topics.get(topic);
  }

  /** A connection to a node of the last metadata. `purpose` keeps requests apart that would wait for each other. */
  async toNode(id: number, purpose = ''): Promise<BrokerConnection> {
    const node = this.#nodes.get(id);
    if (node === undefined) {
      throw new KafkaException(`broker ${id} is not in the metadata of the cluster`, {
        kafkaCode: 'BROKER_NOT_AVAILABLE',
        retriable: true,
      });
    }
    return this.#connect(node.host, node.port, purpose);
  }

  /** A connection to the node that takes administrative requests. */
  async toController(): Promise<BrokerConnection> {
    if (!this.#nodes.has(this.#controllerId)) await this.#refresh([], false);
    return this.#nodes.has(this.#controllerId) ? this.toNode(this.#controllerId) : this.toAny();
  }

  forgetController(): void {
    this.#controllerId = -1;
  }

  /** A connection to any broker: an open one, else the first of the known and the bootstrap brokers that answers. */
  async toAny(): Promise<BrokerConnection> {
    const candidates = [...this.#nodes.values(), ...this.#shuffled(this.settings.bootstrap)];
    for (const { host, port } of candidates) {
      const open = await this.#connections.get(`${host}:${port}/`)?.catch(() => undefined);
      if (open?.connected) return this.#connect(host, port, '');
    }
    const failures: KafkaException[] = [];
    for (const { host, port } of candidates) {
      try {
        return await this.#connect(host, port, '');
      } catch (error) {
        if (!(error instanceof KafkaException) || !error.retriable) throw error;
        failures.push(error);
      }
    }
    throw new KafkaException(
      `no broker of bootstrap.servers can be reached: ${[...new Set(failures.map((failure) => failure.message))].join('; ')}`,
      {
        kafkaCode: 'NETWORK_EXCEPTION',
        retriable: true,
        javaClass: 'org.apache.kafka.common.errors.TimeoutException',
        cause: failures[0],
      },
    );
  }

  /** The coordinator of a consumer group or a transactional id. Tries again while the cluster has none yet. */
  async toCoordinator(kind: 'group' | 'transaction', key: string, signal?: AbortSignal): Promise<BrokerConnection> {
    const known = this.#coordinators.get(`${kind}/${key}`);
    if (known !== undefined) return this.toNode(known);
    return this.retry(async () => {
      const connection = await this.toAny();
      const body = new WireWriter().string(key).int8(kind === 'group' ? 0 : 1).bytes;
      const reader = await connection.request({ ...FIND_COORDINATOR, body });
      reader.int32(); // throttle time
      const code = reader.int16();
      const detail = reader.string();
      if (code !== 0) throw exceptionOf(code, `looking for the coordinator of ${kind} ${key} failed`, detail);
      const id = reader.int32();
      this.#nodes.set(id, { id, host: reader.string() ?? '', port: reader.int32() });
      this.#coordinators.set(`${kind}/${key}`, id);
      return this.toNode(id);
    }, signal);
  }

  forgetCoordinator(kind: 'group' | 'transaction', key: string): void {
    this.#coordinators.delete(`${kind}/${key}`);
  }

  /** Tries again with back-off while an error is retriable, for at most `default.api.timeout.ms`. */
  async retry<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, settings } = this;
    return retrying({ clock, withinMs: settings.apiTimeoutMs, backoffMs: exponentialBackoffMs, ...(signal ? { signal } : {}) }, attempt);
  }

  /** Closes the connections of one purpose; requests under way are rejected. */
  drop(purpose: string): void {
    for (const [key, connection] of this.#connections) {
      if (!key.endsWith(`/${purpose}`)) continue;
      this.#connections.delete(key);
      connection.then((open) => open.destroy(CLOSED)).catch(() => {});
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.then((open) => open.destroy(CLOSED)).catch(() => {});
    this.#connections.clear();
  }

  async #connect(host: string, port: number, purpose: string): Promise<BrokerConnection> {
    if (this.#closed) throw CLOSED;
    await this.#dropFrozen();
    const key = `${host}:${port}/${purpose}`;
    const known = this.#connections.get(key);
    if (known !== undefined) {
      const connection = await known;
      if (connection.connected) return connection;
      if (this.#connections.get(key) === known) this.#connections.delete(key);
    }
    let opening = this.#connections.get(key);
    if (opening === undefined) {
      opening = BrokerConnection.open(host, port, this.settings.connection, this.logger);
      this.#connections.set(key, opening);
      opening.catch(() => {
        if (this.#connections.get(key) === opening) this.#connections.delete(key);
      });
    }
    const connection = await opening;
    if (this.#closed) {
      connection.destroy(CLOSED);
      throw CLOSED;
    }
    return connection;
  }

  async #dropFrozen(): Promise<void> {
    const now = this.clock.now();
    const frozen = now - this.#lastUsed > FROZEN_AFTER_MS;
    this.#lastUsed = now;
    if (!frozen) return;
    for (const [key, opening] of this.#connections) {
      const connection = await opening.catch(() => null);
      if (connection !== null && !connection.idle) continue;
      connection?.destroy(CLOSED);
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
    }
  }

  async #refresh(topics: readonly string[] | null, autoCreate: boolean): Promise<TopicMetadata[]> {
    const connection = await this.toAny();
    const { api, name, version: oldest, withTopicIds } = METADATA;
    const version = connection.version(api, name, oldest, withTopicIds) === withTopicIds ? withTopicIds : oldest;
    const body = encodeMetadataRequest(version, topics, autoCreate);
    const reader = await connection.request({ api, name, version, body, flexible: version === withTopicIds });
    const metadata = decodeMetadataResponse(reader, version);
    this.#nodes.clear();
    for (const node of metadata.nodes) this.#nodes.set(node.id, node);
    this.#controllerId = metadata.controllerId;
    const at = this.clock.monotonic();
    for (const topic of metadata.topics) {
      if (topic.errorCode === 0) this.#topics.set(topic.topic, { ...topic, at });
      else if (topics !== null) this.#topics.delete(topic.topic);
    }
    // errors are answered, not remembered: the next call asks again
    if (topics !== null && metadata.topics.some(({ errorCode }) => errorCode !== 0 && !isRetriableCode(errorCode))) {
      const refused = metadata.topics.find(({ errorCode }) => errorCode !== 0 && !isRetriableCode(errorCode)) as TopicMetadata;
      throw exceptionOf(refused.errorCode, `metadata of topic ${refused.topic} was refused`);
    }
    return [...metadata.topics];
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const start = Math.floor(this.random() * items.length);
    return [...items.slice(start), ...items.slice(0, start)];
  }
}

const CLOSED = new KafkaException('the Kafka client was closed', { kafkaCode: null, retriable: false, code: 'kafka-client-closed' });
