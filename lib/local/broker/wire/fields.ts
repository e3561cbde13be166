import { MalformedRequestError, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/**
 * One field of a message: how it is read and written at a version. Messages are declared with these in the order of the wire,
 * and the TypeScript type of the decoded message follows from the declaration.
 */
export interface Field<T> {
  read(reader: Reader, version: number): T;
  write(writer: Writer, value: T, version: number): void;
}

/** What a field holds once decoded. */
export type Decoded<F> = F extends Field<infer T> ? T : never;

/** 16 bytes as 32 hexadecimal digits. */
export const ZERO_UUID = '0'.repeat(32);

export const int8: Field<number> = { read: (reader) => reader.int8(), write: (writer, value) => writer.int8(value) };
export const int16: Field<number> = { read: (reader) => reader.int16(), write: (writer, value) => writer.int16(value) };
export const int32: Field<number> = { read: (reader) => reader.int32(), write: (writer, value) => writer.int32(value) };
export const int64: Field<number> = { read: (reader) => reader.int64(), write: (writer, value) => writer.int64(value) };
export const boolean: Field<boolean> = {
  read: (reader) => reader.int8() !== 0,
  write: (writer, value) => writer.int8(value ? 1 : 0),
};
export const uuid: Field<string> = {
  read: (reader) => reader.bytes(16).toString('hex'),
  write: (writer, value) => writer.raw(Buffer.from(value, 'hex')),
};

export const nullableString: Field<string | null> = {
  read: (reader) => {
    const length = reader.length('int16');
    return length < 0 ? null : reader.text(length);
  },
  write: (writer, value) => {
    if (value === null) writer.length(-1, 'int16');
    else writer.text(value);
  },
};

export const string: Field<string> = {
  read: (reader) => present(nullableString.read(reader, 0), 'string'),
  write: (writer, value) => writer.text(value),
};

export const nullableBytes: Field<Buffer | null> = {
  read: (reader) => {
    const length = reader.length('int32');
    return length < 0 ? null : reader.bytes(length);
  },
  write: (writer, value) => {
    writer.length(value === null ? -1 : value.length, 'int32');
    if (value !== null) writer.raw(value);
  },
};

export const bytes: Field<Buffer> = {
  read: (reader) => present(nullableBytes.read(reader, 0), 'bytes'),
  write: (writer, value) => nullableBytes.write(writer, value, 0),
};

/** Record batches, one after the other: written without a copy. */
export const records: Field<readonly Buffer[]> = {
  read: (reader) => {
    const batches = nullableBytes.read(reader, 0);
    return batches === null ? [] : [batches];
  },
  write: (writer, value) => {
    writer.length(
      value.reduce((total, part) => total + part.length, 0),
      'int32',
    );
    if (value.length > 0) writer.refer(value);
  },
};

export function nullableArray<T>(element: Field<T>): Field<readonly T[] | null> {
  return {
    read: (reader, version) => {
      const length = reader.arrayLength();
      if (length < 0) return null;
      const elements: T[] = [];
      for (let at = 0; at < length; at++) elements.push(element.read(reader, version));
      return elements;
    },
    write: (writer, value, version) => {
      writer.length(value === null ? -1 : value.length, 'int32');
      for (const each of value ?? []) element.write(writer, each, version);
    },
  };
}

export function array<T>(element: Field<T>): Field<readonly T[]> {
  const nullable = nullableArray(element);
  return { read: (reader, version) => present(nullable.read(reader, version), 'array'), write: nullable.write };
}

/** Fields in the order of the wire; closes with tagged fields in flexible versions. */
export function struct<S extends Record<string, Field<unknown>>>(shape: S): Field<{ readonly [K in keyof S]: Decoded<S[K]> }> {
  const fields = Object.entries(shape);
  return {
    read: (reader, version) => {
      const value: Record<string, unknown> = {};
      for (const [name, field] of fields) value[name] = field.read(reader, version);
      if (reader.flexible) reader.skipTaggedFields();
      return value as { readonly [K in keyof S]: Decoded<S[K]> };
    },
    write: (writer, value, version) => {
      for (const [name, field] of fields) field.write(writer, value[name as keyof S], version);
      writer.noTaggedFields();
    },
  };
}

/** A field of some versions only, `absent` in the others. */
export function versions<T>(from: number, to: number, field: Field<T>, absent: T): Field<T> {
  return {
    read: (reader, version) => (version >= from && version <= to ? field.read(reader, version) : absent),
    write: (writer, value, version) => {
      if (version >= from && version <= to) field.write(writer, value, version);
    },
  };
}

/** A field from a version on. */
export function since<T>(from: number, field: Field<T>, absent: T): Field<T> {
  return versions(from, Number.POSITIVE_INFINITY, field, absent);
}

function present<T>(value: T | null, kind: string): T {
  if (value === null) throw new MalformedRequestError(`null where a ${kind} is required`);
  return value;
}
