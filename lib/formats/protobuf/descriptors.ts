import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { KNOWN_FILES } from './known-files.ts';
import { parseProto } from './parse-proto.ts';
import { type OptionValue, type ProtoEnum, type ProtoField, type ProtoFile, type ProtoMessage, SCALAR_TYPES } from './proto-file.ts';

export interface EnumType {
  readonly name: string;
  readonly fullName: string;
  readonly values: readonly { readonly name: string; readonly number: number }[];
}

/** A field with what it refers to. */
export interface FieldType {
  readonly name: string;
  readonly number: number;
  /** Place among the fields of its message. */
  readonly index: number;
  /** A scalar type, `message` or `enum`. */
  readonly kind: string;
  readonly message: MessageType | null;
  readonly enumType: EnumType | null;
  readonly repeated: boolean;
  /** null = in no oneof, or in the hidden one of a proto3 optional. */
  readonly oneof: OneofType | null;
  /** Written with `optional`: a value that was not set is known to be absent. */
  readonly optionalKeyword: boolean;
  readonly proto3Optional: boolean;
  /** Whether an unset field differs from one that holds its default. */
  readonly presence: boolean;
  /** Elements are written one after the other without tags; both forms are read. */
  readonly packed: boolean;
  /** The default of proto2, as written; null = the type's. */
  readonly defaultText: string | null;
  /** `params` of the option `(confluent.field_meta)`. */
  readonly metaParams: ReadonlyMap<string, string>;
}

export interface OneofType {
  readonly name: string;
  readonly fullName: string;
  readonly index: number;
  readonly fields: readonly FieldType[];
}

export interface MessageType {
  readonly name: string;
  readonly fullName: string;
  readonly proto3: boolean;
  readonly fields: readonly FieldType[];
  readonly byNumber: ReadonlyMap<number, FieldType>;
  readonly byName: ReadonlyMap<string, FieldType>;
  readonly oneofs: readonly OneofType[];
}

type Building<T> = { -readonly [K in keyof T]: T[K] };
type Scoped = { readonly message: MessageType } | { readonly enumType: EnumType };

/** Every type of a file and of the files it imports, found by full name or by message indexes. */
export class ProtoTypes {
  readonly file: ProtoFile;
  readonly #types = new Map<string, Scoped>();

  /** `resolved`: texts of imports by name; well-known files need none. IllegalArgumentException for types or names that cannot be. */
  constructor(file: ProtoFile, resolved: ReadonlyMap<string, string> = new Map()) {
    this.file = file;
    const seen = new Set<string>();
    const links: (() => void)[] = [];
    const add = (each: ProtoFile): void => {
      for (const path of each.imports) {
        if (seen.has(path)) continue;
        seen.add(path);
        const text = resolved.get(path) ?? KNOWN_FILES.get(path);
        if (text !== undefined) add(parseProto(text));
      }
      this.#declare(each, links);
    };
    add(file);
    for (const link of links) link();
  }

  message(fullName: string): MessageType | null {
    const found = this.#types.get(fullName);
    return found !== undefined && 'message' in found ? found.message : null;
  }

  /** The message at a path of indexes: of the file, of its message, and so on. IllegalArgumentException where there is none. */
  at(indexes: readonly number[]): MessageType {
    let messages = this.file.messages;
    const names = this.file.packageName === '' ? [] : [this.file.packageName];
    for (const index of indexes) {
      const message = messages[index];
      if (message === undefined) throw new IllegalArgumentException(`Invalid message indexes: [${indexes.join(', ')}]`);
      names.push(message.name);
      messages = message.messages;
    }
    return this.message(names.join('.'))!;
  }

  /** The path to a message of this file; null = it is in another one. */
  indexesOf(fullName: string): readonly number[] | null {
    const search = (messages: readonly ProtoMessage[], prefix: string): number[] | null => {
      for (const [index, message] of messages.entries()) {
        const name = prefix === '' ? message.name : `${prefix}.${message.name}`;
        if (name === fullName) return [index];
        const below = fullName.startsWith(`${name}.`) ? search(message.messages, name) : null;
        if (below !== null) return [index, ...below];
      }
      return null;
    };
    return search(this.file.messages, this.file.packageName);
  }

  #declare(file: ProtoFile, links: (() => void)[]): void {
    const proto3 = file.syntax === 'proto3';
    const declareEnum = (each: ProtoEnum, scope: string) => {
      const fullName = joined(scope, each.name);
      this.#types.set(fullName, { enumType: { name: each.name, fullName, values: each.values } });
    };
    const declareMessage = (each: ProtoMessage, scope: string) => {
      const fullName = joined(scope, each.name);
      checkIdentifier(each.name, fullName);
      const message: Building<MessageType> = {
        name: each.name,
        fullName,
        proto3,
        fields: [],
        byNumber: new Map(),
        byName: new Map(),
        oneofs: [],
      };
      this.#types.set(fullName, { message });
      for (const inner of each.messages) declareMessage(inner, fullName);
      for (const inner of each.enums) declareEnum(inner, fullName);
      links.push(() => this.#link(message, each));
    };
    for (const each of file.enums) declareEnum(each, file.packageName);
    for (const each of file.messages) declareMessage(each, file.packageName);
  }

  #link(message: Building<MessageType>, declared: ProtoMessage): void {
    const fields: FieldType[] = [];
    const byNumber = new Map<number, FieldType>();
    const byName = new Map<string, FieldType>();
    const add = (each: ProtoField, oneof: OneofType | null): FieldType => {
      const where = `${message.fullName}.${each.name}`;
      checkIdentifier(each.name, where);
      if (each.number <= 0) throw invalid(`${where}: Field numbers must be positive integers.`);
      if (byNumber.has(each.number)) {
        throw invalid(`${where}: Field number ${each.number} has already been used in "${message.fullName}" by another field.`);
      }
      if (byName.has(each.name)) throw invalid(`${where}: "${each.name}" is already defined in "${message.fullName}".`);
      const field = this.#field(message, each, oneof, fields.length);
      fields.push(field);
      byNumber.set(each.number, field);
      byName.set(each.name, field);
      return field;
    };
    for (const each of declared.fields) add(each, null);
    message.oneofs = declared.oneofs.map(({ name, fields: members }, index) => {
      const ofOneof: FieldType[] = [];
      const oneof: OneofType = { name, fullName: `${message.fullName}.${name}`, index, fields: ofOneof };
      for (const each of members) ofOneof.push(add(each, oneof));
      return oneof;
    });
    message.fields = fields;
    message.byNumber = byNumber;
    message.byName = byName;
  }

  #field(message: MessageType, declared: ProtoField, oneof: OneofType | null, index: number): FieldType {
    const { name, number, type, label, options } = declared;
    const scoped = SCALAR_TYPES.has(type) ? null : this.#resolve(type, message.fullName);
    if (scoped === undefined) throw invalid(`${message.fullName}.${name}: "${type}" is not defined.`);
    const repeated = label === 'repeated';
    const kind = scoped === null ? type : 'message' in scoped ? 'message' : 'enum';
    const word = (option: string) => {
      const value = options.find((each) => each.name === option)?.value;
      return value === undefined || value.kind === 'list' || value.kind === 'message' ? null : value.text;
    };
    const packed = word('packed');
    const packable = kind !== 'message' && kind !== 'string' && kind !== 'bytes';
    return {
      name,
      number,
      index,
      kind,
      message: scoped !== null && 'message' in scoped ? scoped.message : null,
      enumType: scoped !== null && 'enumType' in scoped ? scoped.enumType : null,
      repeated,
      oneof,
      optionalKeyword: label === 'optional',
      proto3Optional: message.proto3 && label === 'optional',
      presence: !repeated && (!message.proto3 || kind === 'message' || oneof !== null || label === 'optional'),
      packed: repeated && packable && (packed === null ? message.proto3 : packed === 'true'),
      defaultText: word('default'),
      metaParams: metaParams(options.find((each) => each.name === '(confluent.field_meta)')?.value),
    };
  }

  /** From the innermost scope outward; a leading dot means the full name. */
  #resolve(name: string, scope: string): Scoped | undefined {
    if (name.startsWith('.')) return this.#types.get(name.slice(1));
    for (let within = scope; ; within = within.slice(0, Math.max(0, within.lastIndexOf('.')))) {
      const found = this.#types.get(joined(within, name));
      if (found !== undefined || within === '') return found;
    }
  }
}

function joined(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function checkIdentifier(name: string, where: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw invalid(`${where}: "${name}" is not a valid identifier.`);
}

function invalid(problem: string): IllegalArgumentException {
  return new IllegalArgumentException(`Invalid protobuf schema definition: ${problem}`);
}

/** `params: [{key: "a", value: "b"}]`, or `params: {…}` once or several times. */
function metaParams(value: OptionValue | undefined): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  if (value?.kind !== 'message') return params;
  for (const [name, member] of value.members) {
    if (name !== 'params') continue;
    for (const entry of member.kind === 'list' ? member.values : [member]) {
      if (entry.kind !== 'message') continue;
      const part = (wanted: string) => entry.members.find(([each]) => each === wanted)?.[1];
      const key = part('key');
      const text = part('value');
      if (key?.kind === 'text') params.set(key.text, text?.kind === 'text' ? text.text : '');
    }
  }
  return params;
}
