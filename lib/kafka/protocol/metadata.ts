import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** Version 10 (Kafka 2.8) is the first that tells the ids of topics; brokers before that are asked in version 6. */
export const METADATA = { api: 3, name: 'Metadata', version: 6, withTopicIds: 10 } as const;

/** A broker of the cluster. */
export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** What a broker knows of a topic. */
export interface TopicMetadata {
  readonly topic: string;
  /** 0 = it exists. */
  readonly errorCode: number;
  /** Another one when the topic is created again, as Kafka's tools print it; null = the broker does not tell. */
  readonly topicId: string | null;
  /** Node of each partition's leader, by partition; −1 = none at the moment. */
  readonly leaders: readonly number[];
}

/** The answer. */
export interface ClusterMetadata {
  readonly nodes: readonly BrokerNode[];
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

/** `topics` = null asks for all. */
export function encodeMetadataRequest(version: number, topics: readonly string[] | null, autoCreate: boolean): Buffer {
  const writer = new WireWriter();
  if (version < METADATA.withTopicIds) return writer.array(topics, (topic) => writer.string(topic)).boolean(autoCreate).bytes;
  if (topics === null) writer.unsignedVarint(0);
  else writer.compactArray(topics, (topic) => writer.int64(0).int64(0).compactString(topic).noTags());
  return writer.boolean(autoCreate).boolean(false).boolean(false).noTags().bytes;
}

export function decodeMetadataResponse(reader: WireReader, version: number): ClusterMetadata {
  const flexible = version >= METADATA.withTopicIds;
  const string = () => (flexible ? reader.compactString() : reader.string());
  const structs = <T>(read: () => T): T[] => {
    if (!flexible) return reader.array(read);
    return reader.compactArray(() => {
      const item = read();
      reader.skipTags();
      return item;
    });
  };
  const skipIntegers = () => (flexible ? reader.compactArray(() => reader.int32()) : reader.array(() => reader.int32()));
  reader.int32(); // throttle time
  const nodes = structs(() => {
    const node = { id: reader.int32(), host: string() ?? '', port: reader.int32() };
    string(); // rack
    return node;
  });
  string(); // cluster id
  const controllerId = reader.int32();
  const topics = structs(() => {
    const errorCode = reader.int16();
    const topic = string() ?? '';
    const topicId = flexible ? topicIdText(reader.raw(16)) : null;
    reader.boolean(); // is internal
    const leaders: number[] = [];
    structs(() => {
      reader.int16(); // the partition's error: no leader, which the leader's id tells too
      const partition = reader.int32();
      leaders[partition] = reader.int32();
      if (flexible) reader.int32(); // leader epoch
      for (let list = 0; list < 3; list++) skipIntegers(); // replicas, in sync, offline
    });
    if (flexible) reader.int32(); // authorized operations
    return { topic, errorCode, topicId, leaders };
  });
  return { nodes, controllerId, topics };
}

/** Base64 as Kafka's tools print it; null = the zero id of a topic that has none. */
function topicIdText(bytes: Buffer): string | null {
  return bytes.every((byte) => byte === 0) ? null : bytes.toString('base64url');
}
