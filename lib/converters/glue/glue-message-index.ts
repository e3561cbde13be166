import type { ProtoFile, ProtoMessage } from '../../formats/protobuf/proto-file.ts';
import { SerializationException } from '../../registry/registry-errors.ts';

/** All messages of a file, nested ones and entries of maps included, in the order in which AWS counts them: by their full names. */
export function glueMessageNames({ packageName, messages }: ProtoFile): readonly string[] {
  const names: string[] = [];
  const add = (each: ProtoMessage, scope: string): void => {
    const name = scope === '' ? each.name : `${scope}.${each.name}`;
    names.push(name);
    for (const inner of each.messages) add(inner, name);
  };
  for (const each of messages) add(each, packageName);
  return names.sort();
}

/** What AWS writes in front of a message: its place among the messages of the file, as a varint. */
export function glueIndexPrefix(file: ProtoFile, messageName: string): Uint8Array {
  const bytes: number[] = [];
  let rest = glueMessageNames(file).indexOf(messageName);
  if (rest < 0) throw new SerializationException(`Provided descriptor is not present in the schema: ${messageName}`);
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The index in front of a message, and where the message begins. SerializationException for what is none. */
export function readGlueIndex(payload: Uint8Array): { readonly index: number; readonly offset: number } {
  let index = 0;
  for (let at = 0; at < 5; at++) {
    const byte = payload[at];
    if (byte === undefined) break;
    index += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { index, offset: at + 1 };
  }
  throw new SerializationException('Error deserializing the message index: the message ends within it, or it is too long');
}
