import { mapEntryName } from './map-entry.ts';
import type { OptionValue, ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoOneof, ProtoOption } from './proto-file.ts';
import { isText, ProtoTokens } from './proto-tokens.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Understands a `.proto` file (proto2 or proto3). A map field becomes a repeated message, as in a descriptor. Throws ProtoSyntaxError. */
export function parseProto(text: string): ProtoFile {
  const tokens = new ProtoTokens(text);
  const file: Mutable<ProtoFile> = { syntax: 'proto2', packageName: '', imports: [], options: [], messages: [], enums: [] };
  while (tokens.peek() !== '') {
    const word = tokens.take();
    switch (word) {
      case 'syntax':
      case 'edition':
        tokens.expect('=');
        if (tokens.text() === 'proto3') file.syntax = 'proto3';
        tokens.expect(';');
        break;
      case 'package':
        while (!tokens.takeIf(';')) file.packageName += tokens.take();
        break;
      case 'import':
        if (!isText(tokens.peek())) tokens.take();
        file.imports.push(tokens.text());
        tokens.expect(';');
        break;
      case 'option':
        file.options.push(option(tokens));
        tokens.expect(';');
        break;
      case 'message':
        file.messages.push(message(tokens));
        break;
      case 'enum':
        file.enums.push(enumOf(tokens));
        break;
      case 'service':
      case 'extend':
        tokens.take();
        skipBlock(tokens);
        break;
      case ';':
        break;
      default:
        tokens.fail(`unexpected '${word}'`);
    }
  }
  return file;
}

function message(tokens: ProtoTokens): ProtoMessage {
  const made: Mutable<ProtoMessage> = { name: tokens.take(), fields: [], oneofs: [], messages: [], enums: [], options: [] };
  tokens.expect('{');
  while (!tokens.takeIf('}')) {
    switch (tokens.peek()) {
      case 'message':
        tokens.take();
        made.messages.push(message(tokens));
        break;
      case 'enum':
        tokens.take();
        made.enums.push(enumOf(tokens));
        break;
      case 'oneof':
        tokens.take();
        made.oneofs.push(oneof(tokens));
        break;
      case 'option':
        tokens.take();
        made.options.push(option(tokens));
        tokens.expect(';');
        break;
      case 'extend':
        tokens.take();
        tokens.take();
        skipBlock(tokens);
        break;
      case 'reserved':
      case 'extensions':
        while (!tokens.takeIf(';')) tokens.take();
        break;
      case ';':
        tokens.take();
        break;
      default:
        made.fields.push(field(tokens, made));
    }
  }
  return made;
}

function oneof(tokens: ProtoTokens): ProtoOneof {
  const name = tokens.take();
  const fields: ProtoField[] = [];
  tokens.expect('{');
  while (!tokens.takeIf('}')) {
    if (tokens.takeIf(';')) continue;
    if (tokens.peek() === 'option') {
      tokens.take();
      option(tokens);
      tokens.expect(';');
    } else fields.push(field(tokens, null));
  }
  return { name, fields };
}

/** `within`: the message that gets the message of a map's entries; null = a map cannot stand here. */
function field(tokens: ProtoTokens, within: Mutable<ProtoMessage> | null): ProtoField {
  const first = tokens.take();
  const label = first === 'optional' || first === 'required' || first === 'repeated' ? first : null;
  const type = label === null ? first : tokens.take();
  if (type === 'map' && tokens.peek() === '<' && within !== null) return mapField(tokens, within);
  if (type === 'group') tokens.fail('groups are not supported');
  const name = tokens.take();
  return { name, type, label, ...numberAndOptions(tokens) };
}

function mapField(tokens: ProtoTokens, within: Mutable<ProtoMessage>): ProtoField {
  tokens.expect('<');
  const key = tokens.take();
  tokens.expect(',');
  const value = tokens.take();
  tokens.expect('>');
  const name = tokens.take();
  const type = mapEntryName(name);
  const part = (partName: string, number: number, partType: string): ProtoField => {
    return { name: partName, number, type: partType, label: null, options: [] };
  };
  within.messages.push({
    name: type,
    fields: [part('key', 1, key), part('value', 2, value)],
    oneofs: [],
    messages: [],
    enums: [],
    options: [{ name: 'map_entry', value: { kind: 'word', text: 'true' } }],
  });
  return { name, type, label: 'repeated', ...numberAndOptions(tokens) };
}

function numberAndOptions(tokens: ProtoTokens): { readonly number: number; readonly options: readonly ProtoOption[] } {
  tokens.expect('=');
  const number = tokens.integer();
  const options = listedOptions(tokens);
  tokens.expect(';');
  return { number, options };
}

function listedOptions(tokens: ProtoTokens): ProtoOption[] {
  const options: ProtoOption[] = [];
  if (!tokens.takeIf('[')) return options;
  do options.push(option(tokens));
  while (tokens.takeIf(','));
  tokens.expect(']');
  return options;
}

function enumOf(tokens: ProtoTokens): ProtoEnum {
  const made: Mutable<ProtoEnum> = { name: tokens.take(), values: [], options: [] };
  tokens.expect('{');
  while (!tokens.takeIf('}')) {
    const word = tokens.take();
    if (word === ';') continue;
    if (word === 'option') {
      made.options.push(option(tokens));
      tokens.expect(';');
    } else if (word === 'reserved') while (!tokens.takeIf(';')) tokens.take();
    else {
      tokens.expect('=');
      const number = tokens.integer();
      listedOptions(tokens);
      tokens.expect(';');
      made.values.push({ name: word, number });
    }
  }
  return made;
}

function option(tokens: ProtoTokens): ProtoOption {
  let name = '';
  while (!tokens.takeIf('=')) name += tokens.take();
  return { name, value: optionValue(tokens) };
}

function optionValue(tokens: ProtoTokens): OptionValue {
  if (isText(tokens.peek())) return { kind: 'text', text: tokens.text() };
  if (tokens.takeIf('[')) {
    const values: OptionValue[] = [];
    while (!tokens.takeIf(']')) {
      values.push(optionValue(tokens));
      tokens.takeIf(',');
    }
    return { kind: 'list', values };
  }
  const word = tokens.take();
  if (word !== '{' && word !== '<') return { kind: 'word', text: word === '-' ? `-${tokens.take()}` : word };
  const members: [string, OptionValue][] = [];
  const close = word === '{' ? '}' : '>';
  while (!tokens.takeIf(close)) {
    let name = tokens.take();
    if (name === '[') {
      while (!name.endsWith(']')) name += tokens.take();
    }
    tokens.takeIf(':');
    members.push([name, optionValue(tokens)]);
    if (!tokens.takeIf(',')) tokens.takeIf(';');
  }
  return { kind: 'message', members };
}

function skipBlock(tokens: ProtoTokens): void {
  while (tokens.peek() !== '{') tokens.take();
  let depth = 0;
  do {
    const token = tokens.take();
    if (token === '{') depth++;
    else if (token === '}') depth--;
  } while (depth > 0);
}
