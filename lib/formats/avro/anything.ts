import { javaClassName } from '../../core/data/java-text.ts';
import { DataException } from '../../core/errors.ts';
import type { AvroDecoder } from './avro-decoder.ts';
import type { AvroEncoder } from './avro-encoder.ts';
import { AvroDataError } from './avro-errors.ts';
import type { AvroSchema } from './avro-schema.ts';
import { avroSchemaText } from './avro-schema-text.ts';
import { NAMESPACE } from './connect-names.ts';
import { parseAvroSchema } from './parse-avro-schema.ts';

/** Members of the record, in order; a value sets one, null sets none. */
const MEMBERS = ['boolean', 'bytes', 'double', 'float', 'int', 'long', 'string', 'array', 'map'] as const;

const TEXT = JSON.stringify({
  type: 'record',
  name: 'Anything',
  namespace: NAMESPACE,
  fields: MEMBERS.map((name) => {
    const entry = { type: 'record', name: 'MapEntry', fields: ['key', 'value'].map((field) => ({ name: field, type: 'Anything' })) };
    const type = name === 'array' ? { type: 'array', items: 'Anything' } : name === 'map' ? { type: 'array', items: entry } : name;
    return { name, type: ['null', type], default: null };
  }),
});

/** The schema of schemaless data. */
export const ANYTHING: AvroSchema = parseAvroSchema(TEXT);
const ANYTHING_TEXT = avroSchemaText(ANYTHING);

export function isAnything(schema: AvroSchema): boolean {
  return schema.type === 'record' && schema.fullName === `${NAMESPACE}.Anything` && avroSchemaText(schema) === ANYTHING_TEXT;
}

/** Writes schemaless data. A whole number within int32 is an int, another number a double. DataException for what has no place in it. */
export function writeAnything(value: unknown, out: AvroEncoder): void {
  const member = value === null || value === undefined ? -1 : memberOf(value);
  for (let index = 0; index < MEMBERS.length; index++) {
    out.int(index === member ? 1 : 0);
    if (index === member) writeMember(value, out);
  }
}

function memberOf(value: unknown): number {
  switch (typeof value) {
    case 'boolean':
      return 0;
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return 5;
      break;
    case 'string':
      return 6;
    case 'number':
      return (value | 0) === value && !Object.is(value, -0) ? 4 : 2;
  }
  if (Array.isArray(value)) return 7;
  if (value instanceof Map) return 8;
  throw new DataException(`Unknown Java type for schemaless data: class ${javaClassName(value)}`);
}

function writeMember(value: unknown, out: AvroEncoder): void {
  if (typeof value === 'boolean') out.boolean(value);
  else if (typeof value === 'bigint') out.long(value);
  else if (typeof value === 'string') out.string(value);
  else if (typeof value === 'number') {
    if ((value | 0) === value && !Object.is(value, -0)) out.int(value);
    else out.double(value);
  } else if (Array.isArray(value)) {
    if (value.length > 0) out.int(value.length);
    for (const element of value) writeAnything(element, out);
    out.int(0);
  } else {
    const map = value as ReadonlyMap<unknown, unknown>;
    if (map.size > 0) out.int(map.size);
    for (const [key, entry] of map) {
      writeAnything(key, out);
      writeAnything(entry, out);
    }
    out.int(0);
  }
}

/** Reads schemaless data; null where no member is set. Of several the first counts, as Connect looks for them. */
export function readAnything(from: AvroDecoder): unknown {
  let found: unknown = null;
  for (const member of MEMBERS) {
    const branch = from.int();
    if (branch === 0) continue;
    if (branch !== 1) throw new AvroDataError(`Index ${branch} out of bounds for length 2`, 'java.lang.ArrayIndexOutOfBoundsException');
    const value = readMember(member, from);
    found ??= value;
  }
  return found;
}

function readMember(member: (typeof MEMBERS)[number], from: AvroDecoder): unknown {
  switch (member) {
    case 'array': {
      const elements: unknown[] = [];
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) elements.push(readAnything(from));
      }
      return elements;
    }
    case 'map': {
      const map = new Map<unknown, unknown>();
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) {
          const key = readAnything(from);
          map.set(key, readAnything(from));
        }
      }
      return map;
    }
    default:
      return from[member]();
  }
}
