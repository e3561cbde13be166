import { BigDecimal, Decimal } from '../../core/data/decimal.ts';
import { javaClassName } from '../../core/data/java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../core/data/logical.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from '../../core/data/logical-names.ts';
import type { Schema } from '../../core/data/schema.ts';
import { Struct } from '../../core/data/struct.ts';
import { hasClassFor } from '../../core/data/validate.ts';
import { DataException } from '../../core/errors.ts';
import { writeAnything } from './anything.ts';
import type { AvroDataOptions } from './avro-data-config.ts';
import type { AvroEncoder } from './avro-encoder.ts';
import { AvroDataError } from './avro-errors.ts';
import { type AvroRecord, type AvroSchema, branchName } from './avro-schema.ts';
import * as names from './connect-names.ts';

/** Writes one Connect value. DataException: the value is not what its Connect schema says; AvroDataError: Avro cannot hold it. */
export type ConnectWriter = (value: unknown, out: AvroEncoder) => void;

const LOGICAL = new Set([DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME]);

/**
 * Compiles writers of Connect values. `own` is the Avro schema that the Connect schema has of itself, `target` the one to write with. They differ
 * where the registry's latest version is used: Java's Avro then goes by position, and takes the branch of a union by name; so does this.
 */
export class ConnectWriterCompiler {
  readonly #options: AvroDataOptions;
  readonly #records = new Map<AvroRecord, Map<AvroSchema, { write: ConnectWriter | null }>>();

  constructor(options: AvroDataOptions) {
    this.#options = options;
  }

  /** `schema` null = schemaless data. */
  compile(schema: Schema | null, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (schema === null) return writeAnything;
    const branch = ownBranch(schema, own, this.#options);
    const write = names.isUnion(schema)
      ? this.#union(schema, own, target)
      : inBranch(target, branch, (to) => this.#value(schema, branch, to));
    const writeNull = nullWriter(target);
    if (!schema.optional) {
      return (value, out) => {
        if (value === null || value === undefined) throw new DataException('Found null value for non-optional schema');
        write(value, out);
      };
    }
    return (value, out) => {
      if (value === null || value === undefined) writeNull(value, out);
      else write(value, out);
    };
  }

  #value(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (schema.name !== null && LOGICAL.has(schema.name)) return logicalWriter(schema, own, target);
    switch (schema.type) {
      case 'STRUCT':
        return this.#struct(schema, own, target);
      case 'ARRAY':
        return this.#array(schema, own, target);
      case 'MAP':
        return names.hasAvroKeys(schema, this.#options) ? this.#map(schema, own, target) : this.#entries(schema, own, target);
      default: {
        const write = datumWriter(own, target);
        return (value, out) => {
          if (!hasClassFor(schema, value)) throw invalid(schema, value);
          write(value, out);
        };
      }
    }
  }

  #struct(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (own.type !== 'record' || target.type !== 'record') return unwritable(own, target);
    // a record inside itself is compiled once, and called by name
    const known = this.#records.get(own) ?? new Map<AvroSchema, { write: ConnectWriter | null }>();
    this.#records.set(own, known);
    const open = known.get(target);
    if (open !== undefined && open.write === null) return (value, out) => (open.write as ConnectWriter)(value, out);
    const entry: { write: ConnectWriter | null } = { write: null };
    known.set(target, entry);
    const compiled = this.#fields(schema, own, target);
    entry.write = compiled;
    // the same name may stand for another schema elsewhere
    known.delete(target);
    return compiled;
  }

  #fields(schema: Schema, own: AvroRecord, target: AvroRecord): ConnectWriter {
    const fields = schema.fields ?? [];
    const withDefault = !this.#options.ignoreDefaultForNullables;
    const writers = target.fields.map((targetField, index): ConnectWriter => {
      const field = fields[index];
      const ownField = own.fields[index];
      if (field === undefined || ownField === undefined) {
        const message = `Index ${index} out of bounds for length ${fields.length}`;
        return () => {
          throw new AvroDataError(message, 'java.lang.ArrayIndexOutOfBoundsException');
        };
      }
      return this.compile(field.schema, ownField.type, targetField.type);
    });
    const extra = fields.slice(writers.length).map((field, at) => ({ field, own: own.fields[writers.length + at] }));
    const defaults = fields.map((field) => (withDefault ? field.schema.defaultValue : null));
    let lastSchema: Schema = schema;
    return (value, out) => {
      if (!(value instanceof Struct)) throw invalid(schema, value);
      if (value.schema !== lastSchema) {
        if (!sameStruct(value.schema, schema)) throw new DataException('Mismatching struct schema');
        lastSchema = value.schema;
      }
      for (let i = 0; i < writers.length; i++) (writers[i] as ConnectWriter)(value.valueAt(i) ?? defaults[i] ?? null, out);
      for (const { field } of extra) {
        if ((value.valueAt(field.index) ?? field.schema.defaultValue) === null && !field.schema.optional) {
          throw new DataException('Found null value for non-optional schema');
        }
      }
    };
  }

  #union(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    const fields = schema.fields ?? [];
    const withDefault = !this.#options.ignoreDefaultForNullables;
    const writers = fields.map((field) => {
      const branch = ownBranch(field.schema, own, this.#options);
      // what is chosen is never null, whatever the field says
      if (names.isUnion(field.schema)) return this.#union(field.schema, own, target);
      return inBranch(target, branch, (to) => this.#value(field.schema, branch, to));
    });
    const writeNull = nullWriter(target);
    return (value, out) => {
      if (!(value instanceof Struct)) throw invalid(schema, value);
      if (!sameStruct(value.schema, schema)) throw new DataException('Mismatching struct schema');
      for (let i = 0; i < fields.length; i++) {
        const member = value.valueAt(i) ?? (withDefault ? fields[i]?.schema.defaultValue : null) ?? null;
        if (member !== null) {
          (writers[i] as ConnectWriter)(member, out);
          return;
        }
      }
      if (!schema.optional) throw new DataException('Found null value for non-optional schema');
      writeNull(null, out);
    };
  }

  #array(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (own.type !== 'array' || target.type !== 'array') return unwritable(own, target);
    const element = this.compile(schema.valueSchema, own.items, target.items);
    return (value, out) => {
      if (!Array.isArray(value)) throw invalid(schema, value);
      if (value.length > 0) {
        out.int(value.length);
        for (const entry of value) element(entry, out);
      }
      out.int(0);
    };
  }

  #map(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (own.type !== 'map' || target.type !== 'map') return unwritable(own, target);
    const entry = this.compile(schema.valueSchema, own.values, target.values);
    return (value, out) => {
      if (!(value instanceof Map)) throw invalid(schema, value);
      if (value.size > 0) {
        out.int(value.size);
        for (const [key, member] of value) {
          if (typeof key !== 'string') throw new AvroDataError('a key of an Avro map cannot be null', 'java.lang.NullPointerException');
          out.string(key);
          entry(member, out);
        }
      }
      out.int(0);
    };
  }

  #entries(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
    if (own.type !== 'array' || target.type !== 'array' || own.items.type !== 'record' || target.items.type !== 'record') {
      return unwritable(own, target);
    }
    const [ownKey, ownValue] = own.items.fields;
    const [key, value] = target.items.fields;
    if (ownKey === undefined || ownValue === undefined || key === undefined || value === undefined) return unwritable(own, target);
    const writeKey = this.compile(schema.keySchema, ownKey.type, key.type);
    const writeValue = this.compile(schema.valueSchema, ownValue.type, value.type);
    return (map, out) => {
      if (!(map instanceof Map)) throw invalid(schema, map);
      if (map.size > 0) {
        out.int(map.size);
        for (const [entryKey, entryValue] of map) {
          writeKey(entryKey, out);
          writeValue(entryValue, out);
        }
      }
      out.int(0);
    };
  }
}

/** The type among the branches of an optional type or a union that data of this schema has. */
function ownBranch(schema: Schema, own: AvroSchema, options: AvroDataOptions): AvroSchema {
  if (own.type !== 'union' || names.isUnion(schema)) return own;
  const others = own.types.filter((branch) => branch.type !== 'null');
  if (others.length === 1 && others[0] !== undefined) return others[0];
  const fullName = schema.name === null ? null : names.scrubFullName(schema.name, options);
  const byName = others.find((branch) => fullName !== null && branchName(branch) === fullName);
  const enumName = names.isEnum(schema) ? (schema.parameters?.get(names.enumParameter(options)) ?? null) : null;
  const byEnum = others.find((branch) => enumName !== null && branch.type === 'enum' && branch.fullName === enumName);
  return byEnum ?? byName ?? others.find((branch) => matches(schema, branch, options)) ?? own;
}

function matches(schema: Schema, branch: AvroSchema, options: AvroDataOptions): boolean {
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return branch.type === 'int';
    case 'INT64':
      return branch.type === 'long';
    case 'FLOAT32':
      return branch.type === 'float';
    case 'FLOAT64':
      return branch.type === 'double';
    case 'MAP':
      return branch.type === (names.hasAvroKeys(schema, options) ? 'map' : 'array');
    case 'STRUCT':
      return branch.type === 'record';
    default:
      return branch.type === schema.type.toLowerCase();
  }
}

/** Writes the index where the target is a union; its branch is the one of the same name. */
function inBranch(target: AvroSchema, own: AvroSchema, writerFor: (branch: AvroSchema) => ConnectWriter): ConnectWriter {
  if (target.type !== 'union') return writerFor(target);
  const name = branchName(own);
  const index = target.types.findIndex((branch) => branchName(branch) === name);
  const branch = target.types[index];
  if (branch === undefined) {
    return () => {
      throw new AvroDataError(
        `Not in union ${target.types.map(branchName).join(', ')}: ${name}`,
        'org.apache.avro.UnresolvedUnionException',
      );
    };
  }
  const write = writerFor(branch);
  return (value, out) => {
    out.int(index);
    write(value, out);
  };
}

function nullWriter(target: AvroSchema): ConnectWriter {
  if (target.type === 'null') return () => undefined;
  const index = target.type === 'union' ? target.types.findIndex((branch) => branch.type === 'null') : -1;
  if (index === -1) {
    return () => {
      throw new AvroDataError(`null value for a ${target.type} that is not optional`, 'java.lang.NullPointerException');
    };
  }
  return (_value, out) => out.int(index);
}

function logicalWriter(schema: Schema, own: AvroSchema, target: AvroSchema): ConnectWriter {
  const write = datumWriter(own, target);
  const wrong = (what: string, value: unknown) =>
    new DataException(`Invalid type for ${what.replace('BigDecimal', 'Decimal')}, expected ${what} but was class ${javaClassName(value)}`);
  switch (schema.name) {
    case DECIMAL_NAME: {
      return (value, out) => {
        if (!(value instanceof BigDecimal)) throw wrong('BigDecimal', value);
        // as recorded, a fixed gets the bytes as they are: Confluent pads them since 8.4 only
        write(Decimal.fromLogical(schema, value), out);
      };
    }
    case DATE_NAME:
      return (value, out) => {
        if (!(value instanceof Date)) throw wrong('Date', value);
        write(ConnectDate.fromLogical(schema, value), out);
      };
    case TIME_NAME:
      return (value, out) => {
        if (!(value instanceof Date)) throw new DataException(`Invalid type for Time, expected Date but was class ${javaClassName(value)}`);
        write(ConnectTime.fromLogical(schema, value), out);
      };
    default:
      return (value, out) => {
        if (!(value instanceof Date))
          throw new DataException(`Invalid type for Timestamp, expected Date but was class ${javaClassName(value)}`);
        write(ConnectTimestamp.fromLogical(schema, value), out);
      };
  }
}

/** Writes what is of type `own` as `target`: numbers of other widths are converted as Java's Avro does it, everything else must agree. */
function datumWriter(own: AvroSchema, target: AvroSchema): ConnectWriter {
  const isNumber = own.type === 'int' || own.type === 'long' || own.type === 'float' || own.type === 'double';
  switch (target.type) {
    case 'int':
      if (own.type === 'int') return (value, out) => out.int(value as number);
      return isNumber ? (value, out) => out.int(Number(BigInt.asIntN(32, BigInt(Math.trunc(Number(value)))))) : unwritable(own, target);
    case 'long':
      if (own.type === 'long') return (value, out) => out.long(value as bigint);
      return isNumber ? (value, out) => out.long(BigInt(Math.trunc(Number(value)))) : unwritable(own, target);
    case 'float':
      return isNumber ? (value, out) => out.float(Number(value)) : unwritable(own, target);
    case 'double':
      return isNumber ? (value, out) => out.double(Number(value)) : unwritable(own, target);
    case 'boolean':
      return own.type === 'boolean' ? (value, out) => out.boolean(value as boolean) : unwritable(own, target);
    case 'string':
      return own.type === 'string' ? (value, out) => out.string(value as string) : unwritable(own, target);
    case 'bytes':
      return own.type === 'bytes' ? (value, out) => out.bytes(value as Uint8Array) : unwritable(own, target);
    case 'fixed': {
      const { size } = target;
      if (own.type !== 'fixed') return unwritable(own, target);
      return (value, out) => {
        const bytes = value as Uint8Array;
        if (bytes.length < size) throw new AvroDataError(`${bytes.length} bytes are too few for fixed ${target.fullName} of ${size}`);
        out.raw(bytes.length === size ? bytes : bytes.subarray(0, size));
      };
    }
    case 'enum': {
      if (own.type !== 'enum') return unwritable(own, target);
      const ordinals = new Map(target.symbols.map((symbol, index) => [symbol, index]));
      return (value, out) => {
        const ordinal = ordinals.get(value as string);
        if (ordinal === undefined) {
          throw new AvroDataError(`enum value ${JSON.stringify(value)} is not in the enum symbol set: ${JSON.stringify(target.symbols)}`);
        }
        out.int(ordinal);
      };
    }
    default:
      return unwritable(own, target);
  }
}

function unwritable(own: AvroSchema, target: AvroSchema): ConnectWriter {
  return () => {
    throw new AvroDataError(`data of type ${branchName(own)} cannot be written as ${branchName(target)}`, 'java.lang.ClassCastException');
  };
}

function sameStruct(schema: Schema, expected: Schema): boolean {
  return schema === expected || schema.equals(expected);
}

function invalid(schema: Schema, value: unknown): DataException {
  return new DataException(`Invalid type for ${schema.type}: class ${javaClassName(value)}`);
}
