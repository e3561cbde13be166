import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

export const METADATA = { api: 3, name: 'Metadata', version: 6 } as const;

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
export function encodeMetadataRequest(topics: readonly string[] | null, autoCreate: boolean): Buffer {
  const writer = new WireWriter();
  return writer.array(topics, (topic) => writer.string(topic)).boolean(autoCreate).bytes;
}

export function decodeMetadataResponse(reader: WireReader): ClusterMetadata {
  reader.int32(); // throttle time
  const nodes = reader.array(() => {
    const node = { id: reader.int32(), host: reader.string() ?? '', port: reader.int32() };
    reader.string(); // rack
    return node;
  });
  reader.string(); // cluster id
  const controllerId = reader.int32();
  const topics = reader.array(() => {
    const errorCode = reader.int16();
    const topic = reader.string() ?? '';
    reader.boolean(); // is internal
    const leaders: number[] = [];
    reader.array(() => {
      reader.int16(); // the partition's error: no leader, which the leader's id tells too
      const partition = reader.int32();
      const leader = reader.int32();
      for (let list = 0; list < 3; list++) reader.array(() => reader.int32()); // replicas, in sync, offline
      leaders[partition] = leader;
    });
    return { topic, errorCode, leaders };
  });
  return { nodes, controllerId, topics };
}
