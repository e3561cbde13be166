import { inflateRawSync } from 'node:zlib';
import { uncompress } from 'snappyjs';
import { type AvroJsonSchema, AvroNames, branchName, bytesJson } from './avro-json.ts';
import { bunzip2 } from './bunzip2.ts';

/** What an Avro file holds: its schema, its codec and its rows in Avro's JSON encoding. Written for tests, from the specification alone. */
export async function avroFileContent(file: Buffer): Promise<Record<string, unknown>> {
  const reader = new Reader(file);
  if (file.subarray(0, 4).toString('latin1') !== 'Obj\u0001') throw new Error('no Avro file');
  reader.at = 4;
  const meta = new Map<string, Buffer>();
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    if (count < 0) reader.long();
    for (let i = Math.abs(count); i > 0; i--) meta.set(reader.bytes().toString(), reader.bytes());
  }
  const sync = reader.take(16);
  const schema = JSON.parse(meta.get('avro.schema')!.toString()) as AvroJsonSchema;
  const codec = meta.get('avro.codec')?.toString() ?? 'null';
  const rows: unknown[] = [];
  while (reader.at < file.length) {
    const count = reader.long();
    const block = new Reader(unpacked(reader.take(reader.long()), codec));
    const names = new AvroNames();
    for (let i = 0; i < count; i++) rows.push(readValue(block, schema, '', names));
    if (!reader.take(16).equals(sync)) throw new Error('wrong sync marker');
  }
  return { schema, codec, rows };
}

function unpacked(bytes: Buffer, codec: string): Buffer {
  switch (codec) {
    case 'null':
      return bytes;
    case 'deflate':
      return inflateRawSync(bytes);
    case 'snappy':
      return Buffer.from(uncompress(bytes.subarray(0, -4)));
    case 'bzip2':
      return bunzip2(bytes);
    default:
      throw new Error(`no codec ${codec}`);
  }
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(count: number): Buffer {
    const taken = this.#bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }

  big(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
  }

  long(): number {
    return Number(this.big());
  }

  bytes(): Buffer {
    return this.take(this.long());
  }
}

function readValue(reader: Reader, given: AvroJsonSchema, inside: string, names: AvroNames): unknown {
  const { schema, namespace } = names.resolve(given, inside);
  if (Array.isArray(schema)) {
    const branch = schema[reader.long()] as AvroJsonSchema;
    if (branch === 'null') return null;
    const resolved = names.resolve(branch, namespace);
    return { [branchName(resolved.schema, namespace)]: readValue(reader, branch, namespace, names) };
  }
  const object = typeof schema === 'string' ? { type: schema } : (schema as Readonly<Record<string, unknown>>);
  switch (object.type) {
    case 'null':
      return null;
    case 'boolean':
      return reader.take(1)[0] === 1;
    case 'int':
    case 'long':
      return reader.long();
    case 'float':
      return reader.take(4).readFloatLE();
    case 'double':
      return reader.take(8).readDoubleLE();
    case 'bytes':
      return bytesJson(reader.bytes());
    case 'string':
      return reader.bytes().toString();
    case 'fixed':
      return bytesJson(reader.take(object.size as number));
    case 'enum':
      return (object.symbols as string[])[reader.long()];
    case 'array':
      return blocks(reader, () => readValue(reader, object.items as AvroJsonSchema, namespace, names));
    case 'map':
      return Object.fromEntries(
        blocks(reader, () => [reader.bytes().toString(), readValue(reader, object.values as AvroJsonSchema, namespace, names)] as const),
      );
    case 'record':
      return Object.fromEntries(
        (object.fields as { name: string; type: AvroJsonSchema }[]).map(({ name, type }) => [
          name,
          readValue(reader, type, namespace, names),
        ]),
      );
    default:
      return readValue(reader, object.type as AvroJsonSchema, namespace, names);
  }
}

function blocks<T>(reader: Reader, one: () => T): T[] {
  const found: T[] = [];
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    if (count < 0) reader.long();
    for (let i = Math.abs(count); i > 0; i--) found.push(one());
  }
  return found;
}
