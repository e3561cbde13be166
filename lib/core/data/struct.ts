import { DataException } from '../errors.ts';
import type { BigDecimal } from './big-decimal.ts';
import { javaToString } from './java-text.ts';
import type { Field, Schema, SchemaType } from './schema.ts';
import { StructValue } from './struct-value.ts';
import { validateValue } from './validate.ts';
import { valuesEqual } from './value-equality.ts';

/** A record with named fields: one slot per field of its STRUCT schema, null until put. Everything wrong is a DataException. */
export class Struct extends StructValue {
  readonly schema: Schema;
  readonly #slots: unknown[];

  constructor(schema: Schema, slots?: unknown[]) {
    super();
    if (schema.fields === null) throw new DataException(`Not a struct schema: ${String(schema)}`);
    this.schema = schema;
    this.#slots = slots ?? new Array(schema.fields.length).fill(null);
  }

  /**
   * For converters that have just made the slots from the schema: no check, no copy. `slots` holds a value or null (never undefined)
   * per field, by field index, and belongs to the struct from now on.
   */
  static ofSlots(schema: Schema, slots: unknown[]): Struct {
    return new Struct(schema, slots);
  }

  /** Puts a value, checked against the field's schema; null only into an optional field, even where the field has a default. */
  put(field: string | Field, value: unknown): this {
    if (field === null) throw new DataException('field cannot be null.');
    const found = typeof field === 'string' ? this.#lookup(field) : field;
    validateValue(found.name, found.schema, value);
    this.#slots[found.index] = value ?? null;
    return this;
  }

  /** The value, or the field's default where the slot is null. */
  get(field: string | Field): unknown {
    const found = typeof field === 'string' ? this.#lookup(field) : field;
    return this.#slots[found.index] ?? found.schema.defaultValue;
  }

  getWithoutDefault(field: string | Field): unknown {
    return this.#slots[typeof field === 'string' ? this.#lookup(field).index : field.index];
  }

  /** The slot of a field by its index, without default. */
  valueAt(index: number): unknown {
    return this.#slots[index];
  }

  // The typed getters answer the slot, without default, and null where it is empty.
  getInt8(name: string): number | null {
    return this.#typed(name, 'INT8') as number | null;
  }
  getInt16(name: string): number | null {
    return this.#typed(name, 'INT16') as number | null;
  }
  getInt32(name: string): number | null {
    return this.#typed(name, 'INT32') as number | null;
  }
  getInt64(name: string): bigint | null {
    return this.#typed(name, 'INT64') as bigint | null;
  }
  getFloat32(name: string): number | null {
    return this.#typed(name, 'FLOAT32') as number | null;
  }
  getFloat64(name: string): number | null {
    return this.#typed(name, 'FLOAT64') as number | null;
  }
  getBoolean(name: string): boolean | null {
    return this.#typed(name, 'BOOLEAN') as boolean | null;
  }
  getString(name: string): string | null {
    return this.#typed(name, 'STRING') as string | null;
  }
  /** Bytes, or the BigDecimal of a Decimal field. */
  getBytes(name: string): Uint8Array | BigDecimal | null {
    return this.#typed(name, 'BYTES') as Uint8Array | BigDecimal | null;
  }
  getArray(name: string): readonly unknown[] | null {
    return this.#typed(name, 'ARRAY') as readonly unknown[] | null;
  }
  getMap(name: string): ReadonlyMap<unknown, unknown> | null {
    return this.#typed(name, 'MAP') as ReadonlyMap<unknown, unknown> | null;
  }
  getStruct(name: string): Struct | null {
    return this.#typed(name, 'STRUCT') as Struct | null;
  }

  /** Throws unless every field that is neither optional nor has a default holds a valid value. */
  validate(): void {
    for (const field of this.schema.fields!) {
      const value = this.#slots[field.index];
      if (value === null && (field.schema.optional || field.schema.defaultValue !== null)) continue;
      validateValue(field.name, field.schema, value);
    }
  }

  equals(other: unknown): boolean {
    return other === this || (other instanceof Struct && this.schema.equals(other.schema) && valuesEqual(this.#slots, other.#slots));
  }

  /** `Struct{a=1,b=x}` without the empty fields. */
  toString(): string {
    const parts: string[] = [];
    for (const field of this.schema.fields!) {
      const value = this.#slots[field.index];
      if (value !== null) parts.push(`${field.name}=${javaToString(value, field.schema)}`);
    }
    return `Struct{${parts.join(',')}}`;
  }

  #lookup(name: string): Field {
    const field = this.schema.field(name);
    if (field === null) throw new DataException(`${name} is not a valid field name`);
    return field;
  }

  #typed(name: string, type: SchemaType): unknown {
    const field = this.#lookup(name);
    if (field.schema.type !== type) throw new DataException(`Field '${name}' is not of type ${type}`);
    return this.#slots[field.index];
  }
}
