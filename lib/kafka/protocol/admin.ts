import type { NewTopic } from '../topic-admin.ts';
import type { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** From version 4 on, −1 asks for the broker's defaults (KIP-464, Kafka 2.4). */
export const CREATE_TOPICS = { api: 19, name: 'CreateTopics', min: 2, max: 4 } as const;
export const DESCRIBE_CONFIGS = { api: 32, name: 'DescribeConfigs', version: 2 } as const;

const TOPIC_RESOURCE = 2;

export function encodeCreateTopic(topic: NewTopic, timeoutMs: number): Buffer {
  const writer = new WireWriter();
  writer.array([topic], ({ topic: name, partitions, replicationFactor, configs }) => {
    writer
      .string(name)
      .int32(partitions ?? -1)
      .int16(replicationFactor ?? -1);
    writer.array([], () => {}); // assignments
    writer.array(Object.entries(configs), ([key, value]) => writer.string(key).string(value));
  });
  return writer.int32(timeoutMs).boolean(false).bytes;
}

export function decodeCreateTopic(reader: WireReader): { readonly errorCode: number; readonly message: string | null } {
  reader.int32(); // throttle time
  const [answer] = reader.array(() => {
    reader.string(); // topic
    return { errorCode: reader.int16(), message: reader.string() };
  });
  return answer ?? { errorCode: -1, message: 'the answer names no topic' };
}

/** Asks for one configuration key of one topic. */
export function encodeDescribeTopicConfig(topic: string, key: string): Buffer {
  const writer = new WireWriter();
  writer.array([topic], () => {
    writer
      .int8(TOPIC_RESOURCE)
      .string(topic)
      .array([key], (name) => writer.string(name));
  });
  return writer.boolean(false).bytes;
}

/** The key's value; null = refused or not there. */
export function decodeDescribeTopicConfig(reader: WireReader): string | null {
  reader.int32(); // throttle time
  let value: string | null = null;
  reader.array(() => {
    reader.int16(); // error: then there are no entries
    reader.string(); // message
    reader.int8(); // resource type
    reader.string(); // resource name
    reader.array(() => {
      reader.string(); // key
      value = reader.string();
      reader.boolean(); // read only
      reader.int8(); // source
      reader.boolean(); // sensitive
      reader.array(() => [reader.string(), reader.string(), reader.int8()]); // synonyms
    });
  });
  return value;
}
