/** A topic to be created. */
export interface NewTopic {
  readonly topic: string;
  /** null = the broker's default. */
  readonly partitions: number | null;
  /** null = the broker's default. */
  readonly replicationFactor: number | null;
  readonly configs: Readonly<Record<string, string>>;
}

/** What is known of a topic. */
export interface TopicDescription {
  readonly topic: string;
  readonly partitions: number;
  /** Another one when a topic of this name is created again; absent where the cluster does not tell (before Kafka 2.8). */
  readonly topicId?: string;
}

/** Looks at topics and creates them. */
export interface TopicAdmin {
  /** Existing topics among those asked for. Never creates one. */
  describeTopics(topics: readonly string[]): Promise<Map<string, TopicDescription>>;
  /** Every topic's name, internal ones included. */
  listTopics(): Promise<string[]>;
  /** True = created, false = existed. Throws KafkaException (policy, authorization, invalid name, replication factor). */
  createTopic(topic: NewTopic): Promise<boolean>;
  close(): Promise<void>;
}
