/** The value of an option: a word or number as written, a text, a list, or a message in text format. */
export type OptionValue =
  | { readonly kind: 'word' | 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly values: readonly OptionValue[] }
  | { readonly kind: 'message'; readonly members: readonly (readonly [name: string, value: OptionValue])[] };

/** `name` as written: `deprecated`, `(confluent.field_meta)`, `(a.b).c`. */
export interface ProtoOption {
  readonly name: string;
  readonly value: OptionValue;
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar type or the name of a message or enum, as written. */
  readonly type: string;
  readonly label: 'optional' | 'required' | 'repeated' | null;
  readonly options: readonly ProtoOption[];
}

export interface ProtoOneof {
  readonly name: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly number: number }[];
  readonly options: readonly ProtoOption[];
}

export interface ProtoMessage {
  readonly name: string;
  /** Those outside of oneofs. */
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly ProtoOneof[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly options: readonly ProtoOption[];
}

/** A `.proto` file, as far as data needs it: services and extensions are read over. */
export interface ProtoFile {
  readonly syntax: 'proto2' | 'proto3';
  /** '' = none. */
  readonly packageName: string;
  readonly imports: readonly string[];
  readonly options: readonly ProtoOption[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

/** The types that are no messages and no enums. */
export const SCALAR_TYPES: ReadonlySet<string> = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);
