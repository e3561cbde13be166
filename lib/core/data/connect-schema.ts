import { DataException } from '../errors.ts';
import type { Field, Schema, SchemaType } from './schema.ts';
import { valuesEqual } from './value-equality.ts';

/** Everything that makes a schema; what is left out is null, `optional` false. */
export interface SchemaInit {
  readonly type: SchemaType;
  readonly optional?: boolean;
  readonly defaultValue?: unknown;
  readonly name?: string | null;
  readonly version?: number | null;
  readonly doc?: string | null;
  readonly parameters?: ReadonlyMap<string, string> | null;
  readonly fields?: readonly Field[] | null;
  readonly keySchema?: Schema | null;
  readonly valueSchema?: Schema | null;
}

/** The one implementation of {@link Schema}. Use SchemaBuilder, which checks; this constructor does not. */
export class ConnectSchema implements Schema {
  readonly type: SchemaType;
  readonly optional: boolean;
  readonly defaultValue: unknown;
  readonly name: string | null;
  readonly version: number | null;
  readonly doc: string | null;
  readonly parameters: ReadonlyMap<string, string> | null;
  readonly fields: readonly Field[] | null;
  readonly keySchema: Schema | null;
  readonly valueSchema: Schema | null;
  readonly #fieldsByName: ReadonlyMap<string, Field> | null;

  constructor(init: SchemaInit) {
    this.type = init.type;
    this.optional = init.optional ?? false;
    this.defaultValue = init.defaultValue ?? null;
    this.name = init.name ?? null;
    this.version = init.version ?? null;
    this.doc = init.doc ?? null;
    this.parameters = init.parameters ?? null;
    this.fields = init.type === 'STRUCT' ? (init.fields ?? []) : null;
    this.keySchema = init.keySchema ?? null;
    this.valueSchema = init.valueSchema ?? null;
    this.#fieldsByName = this.fields === null ? null : new Map(this.fields.map((field) => [field.name, field]));
  }

  field(name: string): Field | null {
    if (this.#fieldsByName === null) throw new DataException('Cannot look up fields on non-struct type');
    return this.#fieldsByName.get(name) ?? null;
  }

  equals(other: Schema | null): boolean {
    if (other === this) return true;
    return (
      other !== null &&
      this.type === other.type &&
      this.optional === other.optional &&
      this.version === other.version &&
      this.name === other.name &&
      this.doc === other.doc &&
      valuesEqual(this.defaultValue, other.defaultValue) &&
      schemasEqual(this.keySchema, other.keySchema) &&
      schemasEqual(this.valueSchema, other.valueSchema) &&
      fieldsEqual(this.fields, other.fields) &&
      valuesEqual(this.parameters, other.parameters)
    );
  }

  /** As Connect prints it in messages: `Schema{name:TYPE}`. */
  toString(): string {
    return this.name === null ? `Schema{${this.type}}` : `Schema{${this.name}:${this.type}}`;
  }
}

/** Equality of two schemas where either may be missing. */
export function schemasEqual(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a?.equals(b) ?? false);
}

function fieldsEqual(a: readonly Field[] | null, b: readonly Field[] | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const left = a[index]!;
    const right = b[index]!;
    if (left !== right && (left.name !== right.name || left.index !== right.index || !left.schema.equals(right.schema))) return false;
  }
  return true;
}
