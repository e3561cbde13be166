/** The twelve types of Connect's data model; upper case as in Connect's messages. */
export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT';

/** A field of a STRUCT schema; `index` is its place. */
export interface Field {
  readonly name: string;
  readonly index: number;
  readonly schema: Schema;
}

/**
 * A schema. Immutable; made by {@link SchemaBuilder}. Members that do not belong to the type are null
 * (`fields` only of STRUCT, `keySchema` only of MAP, `valueSchema` of MAP and ARRAY).
 */
export interface Schema {
  readonly type: SchemaType;
  readonly optional: boolean;
  /** null = no default. A default other than null replaces a null value when a Struct is read. */
  readonly defaultValue: unknown;
  readonly name: string | null;
  readonly version: number | null;
  readonly doc: string | null;
  readonly parameters: ReadonlyMap<string, string> | null;
  readonly fields: readonly Field[] | null;
  readonly keySchema: Schema | null;
  readonly valueSchema: Schema | null;
  /** null = no such field. Throws DataException when this is no STRUCT. */
  field(name: string): Field | null;
  equals(other: Schema | null): boolean;
}
