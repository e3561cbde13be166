import { Buffer } from 'node:buffer';
import type { Schema } from '../../core/data/schema.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../../core/data/schema-and-value.ts';
import { DataException } from '../../core/errors.ts';
import { scannerOf } from './json-bytes.ts';
import { readData } from './json-data.ts';
import { nodeText, readNode } from './json-node.ts';
import { type JsonReader, jsonReader, type ReaderOptions, readSchemaless } from './json-reader.ts';
import { JsonScanner, JsonSyntaxError } from './json-scanner.ts';
import { schemaOf } from './json-schema.ts';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** So many layouts are tried byte by byte before an envelope is read member by member. */
const MAX_PREFIXES = 8;

const NOT_AN_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields.' +
  ' If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.';

/** What stands around a schema that is the first member of an envelope, with the payload as the second. */
const BEFORE_SCHEMA = /^\s*\{\s*"schema"\s*:\s*$/;
const BEFORE_PAYLOAD = /^\s*,\s*"payload"\s*:\s*$/;

interface KnownSchema {
  readonly schema: Schema | null;
  readonly read: JsonReader;
}

/**
 * Reads `{"schema": …, "payload": …}`. A topic's envelopes begin with the same bytes up to the payload; those are remembered together with
 * the reader compiled from their schema, so that a schema is neither decoded nor compared but once.
 */
export class EnvelopeReader {
  readonly #options: ReaderOptions;
  readonly #cacheSize: number;
  readonly #prefixes: { readonly bytes: Buffer; readonly known: KnownSchema }[] = [];
  readonly #schemas = new Map<string, KnownSchema>();

  constructor(options: ReaderOptions, cacheSize: number) {
    this.#options = options;
    this.#cacheSize = Math.max(1, cacheSize);
  }

  /** Throws JsonSyntaxError for what is no JSON, DataException for what is no envelope or does not fit its schema. */
  read(bytes: Uint8Array): SchemaAndValue {
    for (const { bytes: prefix, known } of this.#prefixes) {
      if (bytes.length <= prefix.length || prefix.compare(bytes, 0, prefix.length) !== 0) continue;
      const scanner = scannerOf(bytes, prefix.length);
      let value: unknown;
      try {
        value = known.read(scanner);
      } catch {
        break; // The slow way finds the mistake that Connect reports.
      }
      if (scanner.peek() === CLOSE_BRACE) return { schema: known.schema, value };
      break;
    }
    return this.#readMembers(bytes);
  }

  #readMembers(bytes: Uint8Array): SchemaAndValue {
    const scanner = scannerOf(bytes);
    if (scanner.atEnd()) throw new DataException(NOT_AN_ENVELOPE);
    if (scanner.peek() !== OPEN_BRACE) {
      checkSyntax(scanner);
      throw new DataException(NOT_AN_ENVELOPE);
    }
    const members = new Map<string, readonly [number, number]>();
    if (scanner.enter()) {
      do {
        const name = scanner.name();
        scanner.peek();
        const from = scanner.pos;
        scanner.skipValue();
        members.set(name, [from, scanner.pos]);
      } while (scanner.more(CLOSE_BRACE));
    }
    const schemaAt = members.get('schema');
    const payloadAt = members.get('payload');
    if (members.size !== 2 || schemaAt === undefined || payloadAt === undefined) throw new DataException(NOT_AN_ENVELOPE);
    const known = this.#known(scanner.text.slice(...schemaAt));
    const payload = scanner.text.slice(...payloadAt);
    const { text } = scanner;
    const plainOrder = BEFORE_SCHEMA.test(text.slice(0, schemaAt[0])) && BEFORE_PAYLOAD.test(text.slice(schemaAt[1], payloadAt[0]));
    if (plainOrder) this.#remember(text.slice(0, payloadAt[0]), known);
    const value = readData(known.read, payload);
    return known.schema === null && value === null ? NULL_SCHEMA_AND_VALUE : { schema: known.schema, value };
  }

  #known(text: string): KnownSchema {
    const cached = this.#schemas.get(text);
    if (cached !== undefined) return cached;
    const schema = schemaOf(readNode(new JsonScanner(text)), this.#options);
    const known = { schema, read: jsonReader(schema, this.#options) };
    if (this.#schemas.size >= this.#cacheSize) this.#schemas.delete(this.#schemas.keys().next().value!);
    this.#schemas.set(text, known);
    return known;
  }

  #remember(prefix: string, known: KnownSchema): void {
    const bytes = Buffer.from(prefix, 'utf8');
    if (this.#prefixes.some((entry) => entry.bytes.equals(bytes))) return;
    this.#prefixes.unshift({ bytes, known });
    if (this.#prefixes.length > MAX_PREFIXES) this.#prefixes.pop();
  }
}

/** Reads data whose schema is known beforehand, or that has none. Blank bytes are null. */
export function readBare(bytes: Uint8Array, read: JsonReader): unknown {
  const scanner = scannerOf(bytes);
  const code = scanner.peek();
  const start = scanner.pos;
  if (scanner.atEnd()) return readMissing(read);
  try {
    const value = read(scanner);
    if (isRootNumber(code)) scanner.rootNumberEnd();
    return value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw error;
    const again = scannerOf(bytes);
    again.pos = start;
    return readData(read, nodeText(checkSyntax(again)));
  }
}

/** No value at all is a node of its own to Jackson: like `false` to every type, but by another name; schemaless it is null. */
function readMissing(read: JsonReader): unknown {
  if (read === readSchemaless) return null;
  try {
    return read(new JsonScanner('false'));
  } catch (error) {
    throw error instanceof DataException ? new DataException(error.message.replace(/BOOLEAN$/, 'MISSING')) : error;
  }
}

const isRootNumber = (code: number): boolean => code === 0x2d || (code >= 0x30 && code <= 0x39);

/** Reads the first value as a tree; throws JsonSyntaxError where it is no JSON. */
function checkSyntax(scanner: JsonScanner): ReturnType<typeof readNode> {
  const code = scanner.peek();
  const node = readNode(scanner);
  if (isRootNumber(code)) scanner.rootNumberEnd();
  return node;
}
