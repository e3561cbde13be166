import type { ProtoFile, ProtoMessage } from './proto-file.ts';

/** Types whose encodings can be read as each other's. */
const GROUPS = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
];

/** Why messages written with one file cannot be read with another, each with its place; empty = they can. */
export function incompatibilities(reader: ProtoFile, writer: ProtoFile): string[] {
  const found: string[] = [];
  if (reader.packageName !== writer.packageName) found.push(`the package was changed from ${writer.packageName} to ${reader.packageName}`);
  compareMessages(reader.messages, writer.messages, '', found);
  return found;
}

function compareMessages(reader: readonly ProtoMessage[], writer: readonly ProtoMessage[], prefix: string, found: string[]): void {
  for (const before of writer) {
    const name = `${prefix}${before.name}`;
    const now = reader.find((message) => message.name === before.name);
    if (now === undefined) {
      found.push(`the message ${name} was removed`);
      continue;
    }
    const fields = allFields(now);
    for (const field of allFields(before)) {
      const same = fields.find(({ number }) => number === field.number);
      if (same === undefined) {
        if (field.label === 'required') found.push(`the required field ${name}.${field.name} was removed`);
      } else if (!canRead(same.type, field.type)) {
        found.push(`the field ${name}.${field.name} was changed from ${field.type} to ${same.type}`);
      }
    }
    const known = allFields(before);
    for (const field of fields) {
      if (field.label === 'required' && !known.some(({ number }) => number === field.number)) {
        found.push(`the required field ${name}.${field.name} was added`);
      }
    }
    compareMessages(now.messages, before.messages, `${name}.`, found);
  }
}

function allFields({ fields, oneofs }: ProtoMessage) {
  return [...fields, ...oneofs.flatMap((oneof) => oneof.fields)];
}

function canRead(reader: string, writer: string): boolean {
  const last = (type: string) => type.slice(type.lastIndexOf('.') + 1);
  return last(reader) === last(writer) || GROUPS.some((group) => group.includes(reader) && group.includes(writer));
}
