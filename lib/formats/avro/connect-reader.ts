import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { DataException } from '../../core/errors.ts';
import { readAnything } from './anything.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import type { AvroDecoder } from './avro-decoder.ts';
import { AvroDataError } from './avro-errors.ts';
import type { AvroRecord, AvroSchema, AvroUnion } from './avro-schema.ts';
import * as names from './connect-names.ts';
import { toLogical } from './default-values.ts';

/** Reads one value as Connect has it. AvroDataError: the bytes are not of this schema; DataException: Connect cannot hold the value. */
export type ConnectReader = (from: AvroDecoder) => unknown;

/** Compiles readers of Connect values for the schema that the data was written with. */
export class ConnectReaderCompiler {
  readonly #options: AvroDataOptions;
  readonly #open = new Map<AvroRecord, { read: ConnectReader | null }>();

  constructor(options: AvroDataOptions) {
    this.#options = options;
  }

  /** `schema` is what {@link AvroToConnect} made of `avro`; null = schemaless. */
  compile(avro: AvroSchema, schema: Schema | null): ConnectReader {
    if (schema === null) return readAnything;
    if (avro.type === 'union') return this.#union(avro, schema);
    const read = this.#value(avro, schema);
    return withLogical(schema, read);
  }

  #value(avro: AvroSchema, schema: Schema): ConnectReader {
    switch (avro.type) {
      case 'boolean':
        return (from) => from.boolean();
      case 'int':
        if (schema.type === 'INT8') return (from) => (from.int() << 24) >> 24;
        if (schema.type === 'INT16') return (from) => (from.int() << 16) >> 16;
        return (from) => from.int();
      case 'long':
        return (from) => from.long();
      case 'float':
        return (from) => from.float();
      case 'double':
        return (from) => from.double();
      case 'string':
        return (from) => from.string();
      case 'bytes':
        return (from) => from.bytes();
      case 'fixed': {
        const { size } = avro;
        return (from) => from.fixed(size);
      }
      case 'enum': {
        const { symbols } = avro;
        return (from) => symbolOf(symbols, from.int());
      }
      case 'array':
        return schema.type === 'MAP' ? this.#entries(avro.items, schema) : this.#array(avro.items, schema);
      case 'map':
        return this.#map(avro.values, schema);
      case 'record':
        return this.#record(avro, schema);
      default:
        return () => null;
    }
  }

  #record(avro: AvroRecord, schema: Schema): ConnectReader {
    const open = this.#open.get(avro);
    // inside itself a record has a schema of its own, which only differs in being optional
    if (open !== undefined) return (from) => asSchema((open.read as ConnectReader)(from) as Struct, schema);
    const entry: { read: ConnectReader | null } = { read: null };
    this.#open.set(avro, entry);
    const readers = avro.fields.map((field, index) => this.compile(field.type, schema.fields?.[index]?.schema ?? null));
    const count = readers.length;
    const read: ConnectReader = (from) => {
      const slots = new Array<unknown>(count);
      for (let i = 0; i < count; i++) slots[i] = (readers[i] as ConnectReader)(from);
      return Struct.ofSlots(schema, slots);
    };
    entry.read = read;
    this.#open.delete(avro);
    return read;
  }

  #array(items: AvroSchema, schema: Schema): ConnectReader {
    const element = this.compile(items, schema.valueSchema);
    return (from) => {
      const elements: unknown[] = [];
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) elements.push(element(from));
      }
      return elements;
    };
  }

  #map(values: AvroSchema, schema: Schema): ConnectReader {
    const entry = this.compile(values, schema.valueSchema);
    return (from) => {
      const map = new Map<string, unknown>();
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) {
          const key = from.string();
          map.set(key, entry(from));
        }
      }
      return map;
    };
  }

  /** A map that is written as an array of entries. */
  #entries(items: AvroSchema, schema: Schema): ConnectReader {
    if (items.type !== 'record')
      throw new DataException('Found map encoded as array of key-value pairs, but array elements do not match the expected format.');
    const readers = items.fields.map(({ name, type }) => this.compile(type, name === 'key' ? schema.keySchema : schema.valueSchema));
    const keyFirst = items.fields[0]?.name === 'key';
    const plainKeys = schema.keySchema?.type === 'STRING' && !schema.keySchema.optional;
    return (from) => {
      const map = new Map<unknown, unknown>();
      for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
        for (let i = 0; i < count; i++) {
          const first = readers[0]?.(from);
          const second = readers[1]?.(from);
          map.set(keyFirst ? first : second, keyFirst ? second : first);
        }
      }
      // Connect takes a map with plain string keys for an Avro map, which this is not
      if (plainKeys) throw new DataException('Invalid type for MAP: class org.apache.avro.generic.GenericData$Array');
      return map;
    };
  }

  #union(avro: AvroUnion, schema: Schema): ConnectReader {
    const readers = avro.types.map((branch, index): ConnectReader => {
      if (branch.type === 'null') return schema.optional ? () => null : nullRefused;
      return names.isUnion(schema) ? this.#member(avro, branch, index, schema) : this.compile(branch, schema);
    });
    return (from) => {
      const index = from.int();
      const read = readers[index];
      if (read === undefined) {
        throw new AvroDataError(`Index ${index} out of bounds for length ${readers.length}`, 'java.lang.ArrayIndexOutOfBoundsException');
      }
      return read(from);
    };
  }

  /**
   * One branch of a real union. Connect looks for the first field that takes an object of this class, which is not always the branch's own:
   * a fixed fits a field of bytes before its own.
   */
  #member(avro: AvroUnion, branch: AvroSchema, branchIndex: number, schema: Schema): ConnectReader {
    const fields = schema.fields ?? [];
    const own = avro.types.slice(0, branchIndex).filter(({ type }) => type !== 'null').length;
    const ownSchema = fields[own]?.schema ?? null;
    const chosen = fields.findIndex((field, index) => this.#takes(field.schema, branch, index, ownSchema));
    const read = this.compile(branch, ownSchema);
    if (chosen === -1) {
      return (from) => {
        read(from);
        throw new DataException('Did not find matching union field for data');
      };
    }
    const name = names.fieldOfMember(fields[chosen]?.schema as Schema, chosen, this.#options);
    const slot = fields.findIndex((field) => field.name === name);
    return (from) => {
      const value = read(from);
      if (slot === -1) throw new DataException(`${name} is not a valid field name`);
      const slots = new Array<unknown>(fields.length).fill(null);
      slots[slot] = value;
      return Struct.ofSlots(schema, slots);
    };
  }

  #takes(field: Schema, branch: AvroSchema, index: number, ownSchema: Schema | null): boolean {
    if (names.isEnum(field)) {
      return branch.type === 'enum' && field.parameters?.get(names.enumParameter(this.#options)) === branch.fullName;
    }
    switch (field.type) {
      case 'INT32':
        return branch.type === 'int';
      case 'INT64':
        return branch.type === 'long';
      case 'FLOAT32':
        return branch.type === 'float';
      case 'FLOAT64':
        return branch.type === 'double';
      case 'BOOLEAN':
      case 'STRING':
      case 'ARRAY':
      case 'MAP':
        return branch.type === field.type.toLowerCase();
      case 'BYTES':
        if (branch.type === 'bytes') return !names.isFixed(field);
        if (branch.type !== 'fixed') return false;
        if (!names.isFixed(field)) return true;
        return names.fieldOfBranch(branch, index, this.#options) === names.fieldOfMember(field, index, this.#options);
      case 'STRUCT':
        return branch.type === 'record' && ownSchema !== null && field.equals(ownSchema);
      default:
        return false;
    }
  }
}

function nullRefused(): never {
  throw new DataException('Found null value for non-optional schema');
}

function withLogical(schema: Schema, read: ConnectReader): ConnectReader {
  if (schema.name === null || !/^org\.apache\.kafka\.connect\.data\.(Decimal|Date|Time|Timestamp)$/.test(schema.name)) return read;
  return (from) => toLogical(schema, read(from));
}

function symbolOf(symbols: readonly string[], index: number): string {
  const symbol = symbols[index];
  if (symbol === undefined) {
    throw new AvroDataError(`Index ${index} out of bounds for length ${symbols.length}`, 'java.lang.ArrayIndexOutOfBoundsException');
  }
  return symbol;
}

function asSchema(struct: Struct, schema: Schema): Struct {
  const slots = (schema.fields ?? []).map((field) => struct.valueAt(field.index));
  return Struct.ofSlots(schema, slots);
}
