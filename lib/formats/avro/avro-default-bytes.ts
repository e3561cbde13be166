import { AvroEncoder } from './avro-encoder.ts';
import { AvroDataError } from './avro-errors.ts';
import type { AvroSchema, Json } from './avro-schema.ts';
import { isValidDefault } from './default-values.ts';
import { isJsonArray, isJsonObject } from './json-exact.ts';

/** A field's default in Avro's binary encoding: what data has that was written without the field. AvroDataError where it does not fit its type. */
export function encodeDefault(schema: AvroSchema, value: Json): Uint8Array {
  const out = new AvroEncoder();
  encode(schema, value, out);
  return out.toBytes();
}

function encode(schema: AvroSchema, value: Json, out: AvroEncoder): void {
  switch (schema.type) {
    case 'null':
      return;
    case 'boolean':
      out.boolean(value === true);
      return;
    case 'int':
      out.int(Number(value));
      return;
    case 'long':
      out.long(BigInt(value as number));
      return;
    case 'float':
      out.float(Number(value));
      return;
    case 'double':
      out.double(Number(value));
      return;
    case 'string':
      out.string(String(value));
      return;
    case 'bytes':
      out.bytes(Buffer.from(String(value), 'latin1'));
      return;
    case 'fixed':
      out.raw(Buffer.from(String(value), 'latin1'));
      return;
    case 'enum':
      out.int(schema.symbols.indexOf(String(value)));
      return;
    case 'array': {
      const elements = isJsonArray(value) ? value : [];
      if (elements.length > 0) out.int(elements.length);
      for (const element of elements) encode(schema.items, element, out);
      out.int(0);
      return;
    }
    case 'map': {
      const entries = isJsonObject(value) ? Object.entries(value) : [];
      if (entries.length > 0) out.int(entries.length);
      for (const [key, entry] of entries) {
        out.string(key);
        encode(schema.values, entry, out);
      }
      out.int(0);
      return;
    }
    case 'union': {
      const index = schema.types.findIndex((branch) => isValidDefault(branch, value));
      if (index === -1) throw new AvroDataError(`the default ${JSON.stringify(value)} fits no branch of its union`);
      out.int(index);
      encode(schema.types[index]!, value, out);
      return;
    }
    case 'record':
      for (const field of schema.fields) {
        const given = isJsonObject(value) ? value[field.name] : undefined;
        encode(field.type, given ?? field.defaultValue ?? null, out);
      }
  }
}
