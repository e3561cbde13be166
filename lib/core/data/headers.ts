import { DataException } from '../errors.ts';
import { NullPointerException } from '../java/exceptions.ts';
import { BigDecimal } from './big-decimal.ts';
import { Decimal } from './decimal.ts';
import { javaToString } from './java-text.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from './logical.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema, SchemaType } from './schema.ts';
import {
  BOOLEAN_SCHEMA,
  BYTES_SCHEMA,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT8_SCHEMA,
  INT16_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_BYTES_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  STRING_SCHEMA,
} from './schemas.ts';
import { StructValue } from './struct-value.ts';
import { hasClassFor } from './validate.ts';

/** One header; the same key may occur several times. */
export interface Header {
  readonly key: string;
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** What {@link ConnectHeaders.apply} does with a header: the one that takes its place, or null to drop it. */
export type HeaderTransform = (header: Header) => Header | null;

/**
 * The headers of a record: an ordered list in which a key may occur more than once. Mutable; belongs to one record. Adding checks that
 * value and schema agree (not the elements of lists and maps); schema null = not checked. DataException where they do not.
 */
export class ConnectHeaders implements Iterable<Header> {
  #headers: Header[] | null;

  /** Takes over headers as they are, unchecked. */
  constructor(headers?: Iterable<Header>) {
    this.#headers = headers === undefined ? null : [...headers];
  }

  get size(): number {
    return this.#headers === null ? 0 : this.#headers.length;
  }

  [Symbol.iterator](): Iterator<Header> {
    return (this.#headers ?? [])[Symbol.iterator]();
  }

  add(key: string, value: unknown, schema: Schema | null): this {
    if (key === null || key === undefined) throw new NullPointerException('Null header keys are not permitted');
    if (schema !== null) checkAgrees(schema, value);
    return this.#push(key, value, schema);
  }

  addString(key: string, value: string | null): this {
    return this.add(key, value, value === null ? OPTIONAL_STRING_SCHEMA : STRING_SCHEMA);
  }
  addBytes(key: string, value: Uint8Array | null): this {
    return this.add(key, value, value === null ? OPTIONAL_BYTES_SCHEMA : BYTES_SCHEMA);
  }
  addBoolean(key: string, value: boolean): this {
    return this.add(key, value, BOOLEAN_SCHEMA);
  }
  addByte(key: string, value: number): this {
    return this.add(key, value, INT8_SCHEMA);
  }
  addShort(key: string, value: number): this {
    return this.add(key, value, INT16_SCHEMA);
  }
  addInt(key: string, value: number): this {
    return this.add(key, value, INT32_SCHEMA);
  }
  addLong(key: string, value: bigint): this {
    return this.add(key, value, INT64_SCHEMA);
  }
  addFloat(key: string, value: number): this {
    return this.add(key, value, FLOAT32_SCHEMA);
  }
  addDouble(key: string, value: number): this {
    return this.add(key, value, FLOAT64_SCHEMA);
  }
  addList(key: string, value: readonly unknown[] | null, schema: Schema): this {
    return this.#addOfType(key, value, schema, 'ARRAY');
  }
  addMap(key: string, value: ReadonlyMap<unknown, unknown> | null, schema: Schema): this {
    return this.#addOfType(key, value, schema, 'MAP');
  }
  addStruct(key: string, value: StructValue | null): this {
    return value === null ? this.add(key, null, null) : this.#addOfType(key, value, value.schema, 'STRUCT');
  }
  addDecimal(key: string, value: BigDecimal | null): this {
    return value === null ? this.add(key, null, null) : this.add(key, value, Decimal.schema(value.scale));
  }
  /** Midnight UTC. */
  addDate(key: string, value: Date | null): this {
    if (value !== null) ConnectDate.fromLogical(ConnectDate.SCHEMA, value);
    return this.#push(key, value, ConnectDate.SCHEMA);
  }
  /** A time of the first day of the epoch, UTC. */
  addTime(key: string, value: Date | null): this {
    if (value !== null) ConnectTime.fromLogical(ConnectTime.SCHEMA, value);
    return this.#push(key, value, ConnectTime.SCHEMA);
  }
  addTimestamp(key: string, value: Date | null): this {
    return this.#push(key, value, ConnectTimestamp.SCHEMA);
  }

  /** Removes all of this key. */
  remove(key: string): this {
    if (this.#headers !== null) this.#headers = this.#headers.filter((header) => header.key !== key);
    return this;
  }

  /** Keeps the last of each key, or of this key alone; what stays keeps its order. */
  retainLatest(key?: string): this {
    if (this.#headers === null) return this;
    const last = new Map<string, Header>();
    for (const header of this.#headers) last.set(header.key, header);
    this.#headers = this.#headers.filter((header) => (key !== undefined && header.key !== key) || last.get(header.key) === header);
    return this;
  }

  /** Replaces every header by what the transform answers. */
  apply(transform: HeaderTransform): this;
  /** Replaces every header of this key by what the transform answers. */
  apply(key: string, transform: HeaderTransform): this;
  apply(keyOrTransform: string | HeaderTransform, keyTransform?: HeaderTransform): this {
    const key = typeof keyOrTransform === 'string' ? keyOrTransform : null;
    const transform = typeof keyOrTransform === 'string' ? keyTransform! : keyOrTransform;
    const applied: Header[] = [];
    for (const header of this) {
      const changed = key === null || header.key === key ? transform(header) : header;
      if (changed !== null) applied.push(changed);
    }
    this.#headers = applied;
    return this;
  }

  lastWithName(key: string): Header | null {
    return this.#headers?.findLast((header) => header.key === key) ?? null;
  }

  allWithName(key: string): Header[] {
    return this.#headers?.filter((header) => header.key === key) ?? [];
  }

  clear(): this {
    this.#headers = null;
    return this;
  }

  /** A list of its own with the same headers; what a new record gets. */
  duplicate(): ConnectHeaders {
    return this.#headers === null ? new ConnectHeaders() : new ConnectHeaders(this.#headers);
  }

  #addOfType(key: string, value: unknown, schema: Schema, type: SchemaType): this {
    if (value === null) return this.add(key, null, null);
    if (schema.type !== type) throw new DataException(`Expecting ${type} but instead found ${schema.type}`);
    return this.add(key, value, schema);
  }

  #push(key: string, value: unknown, schema: Schema | null): this {
    this.#headers ??= [];
    this.#headers.push({ key, schema: schema === null && value instanceof StructValue ? value.schema : schema, value: value ?? null });
    return this;
  }
}

function checkAgrees(schema: Schema, value: unknown): void {
  if (value === null || value === undefined) {
    if (schema.optional) return;
    throw new DataException(`A null value requires an optional schema but was ${String(schema)}`);
  }
  if (!agrees(schema, value)) {
    throw new DataException(`The value ${javaToString(value, schema)} is not compatible with the schema ${String(schema)}`);
  }
}

/** Unlike validation this takes the encoded form for a logical type too. */
function agrees(schema: Schema, value: unknown): boolean {
  switch (schema.type) {
    case 'BYTES':
      return value instanceof Uint8Array || (value instanceof BigDecimal && schema.name === DECIMAL_NAME);
    case 'INT32':
      if (value instanceof Date) return schema.name === DATE_NAME || schema.name === TIME_NAME;
      return typeof value === 'number' && (value | 0) === value;
    case 'INT64':
      return value instanceof Date ? schema.name === TIMESTAMP_NAME : typeof value === 'bigint';
    case 'STRUCT':
      return value instanceof StructValue && value.schema.equals(schema);
    default:
      return hasClassFor(schema, value);
  }
}
