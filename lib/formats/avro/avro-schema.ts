/** JSON as Avro schemas hold it: whole numbers beyond 2^53 are bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

export type AvroPrimitiveType = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** Properties that Avro itself does not know, `logicalType` among them; in order. */
export type AvroProps = Map<string, Json>;

export interface AvroPrimitive {
  readonly type: AvroPrimitiveType;
  readonly props: AvroProps;
}

export interface AvroArray {
  readonly type: 'array';
  readonly props: AvroProps;
  items: AvroSchema;
}

export interface AvroMap {
  readonly type: 'map';
  readonly props: AvroProps;
  values: AvroSchema;
}

export interface AvroUnion {
  readonly type: 'union';
  readonly props: AvroProps;
  readonly types: readonly AvroSchema[];
}

/** What record, enum and fixed have in common. */
export interface AvroNamed {
  readonly name: string;
  /** null = none */
  readonly namespace: string | null;
  readonly fullName: string;
  readonly doc: string | null;
  /** Full names. */
  readonly aliases: readonly string[];
  readonly props: AvroProps;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc: string | null;
  /** undefined = the field has no default; null is one. */
  readonly defaultValue: Json | undefined;
  readonly order: 'ascending' | 'descending' | 'ignore';
  readonly aliases: readonly string[];
  readonly props: AvroProps;
}

/** `fields` is filled after the record is known by its name, so that a field can have the record itself as type. */
export interface AvroRecord extends AvroNamed {
  readonly type: 'record';
  fields: readonly AvroField[];
  readonly isError: boolean;
}

export interface AvroEnum extends AvroNamed {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly enumDefault: string | null;
}

export interface AvroFixed extends AvroNamed {
  readonly type: 'fixed';
  readonly size: number;
}

export type AvroNamedSchema = AvroRecord | AvroEnum | AvroFixed;
export type AvroSchema = AvroPrimitive | AvroArray | AvroMap | AvroUnion | AvroNamedSchema;

export function isNamed(schema: AvroSchema): schema is AvroNamedSchema {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed';
}

/** What a union tells its branches apart by. */
export function branchName(schema: AvroSchema): string {
  return isNamed(schema) ? schema.fullName : schema.type;
}

export function primitive(type: AvroPrimitiveType): AvroPrimitive {
  return { type, props: new Map() };
}

/** The union of null and one type, in this order. */
export function union(...types: readonly AvroSchema[]): AvroUnion {
  return { type: 'union', props: new Map(), types };
}

/** Name and namespace of a full name: `a.b.C` is `C` in `a.b`. */
export function splitFullName(fullName: string): { readonly name: string; readonly namespace: string | null } {
  const dot = fullName.lastIndexOf('.');
  return dot === -1 ? { name: fullName, namespace: null } : { name: fullName.slice(dot + 1), namespace: fullName.slice(0, dot) || null };
}
