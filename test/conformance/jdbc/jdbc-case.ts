import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A record to produce. */
export interface ProducedJson {
  readonly topic: string;
  readonly partition?: number;
  readonly key?: Json;
  readonly value?: Json;
  readonly headers?: Record<string, string>;
}

/** One step of a case; exactly one of the first group is set. */
export interface Step {
  readonly sql?: string[];
  readonly produce?: ProducedJson[];
  readonly create?: boolean;
  readonly noWait?: boolean;
  readonly abandonAfter?: number;
  readonly waitRecords?: number;
  readonly quiet?: number;
  readonly waitQuiet?: number;
  readonly waitSink?: boolean;
  readonly waitFailed?: boolean;
  readonly restart?: boolean;
  readonly recreate?: boolean;
  readonly stop?: boolean;
  readonly resume?: boolean;
  readonly patchOffsets?: { partition: Record<string, Json>; offset: Record<string, Json> | null }[];
  readonly resetOffsets?: boolean;
  readonly reconfigure?: Record<string, string>;
  readonly sleep?: number;
}

/** What was seen, or is to be seen. */
export interface Outcome {
  create?: { status: number; message: string };
  connector?: string;
  connectorError?: Json;
  tasks?: Json;
  offsets?: Json;
  topics?: Record<string, Json[]>;
  tables?: Record<string, Json>;
}

/** One recorded case; the format is described beside the cases. */
export interface JdbcCase {
  readonly id: string;
  readonly kind: 'source' | 'sink';
  readonly database: 'postgres' | 'mysql' | 'sqlite';
  readonly setup?: string[];
  readonly topics?: Record<string, number>;
  readonly config: Record<string, string>;
  readonly steps: Step[];
  readonly tables?: string[];
  readonly ignore?: string[];
  readonly quirk?: boolean;
  readonly expect: Outcome;
}

export function readJdbcCases(file: string): JdbcCase[] {
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as JdbcCase[];
}

const TOKENS = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON whose whole numbers beyond 2^53 survive as `{"$int": "…"}`. */
export function parseExact(text: string): Json {
  return JSON.parse(
    text.replace(TOKENS, (token) => (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `{"$int":"${token}"}` : token)),
  ) as Json;
}

/** The inverse of {@link parseExact}; `{"$raw": text}` is that text. */
export function printExact(value: Json): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && '$raw' in value) return value.$raw as string;
  return JSON.stringify(value).replace(/\{"\$int":"(-?\d+)"\}/g, '$1');
}

/** Key or value of a record as the cases write it. */
export function decode(bytes: Uint8Array | null): Json {
  if (bytes === null) return null;
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return parseExact(text);
  } catch {
    return { $raw: text };
  }
}

/** Applies a function to every text, keys included. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change)) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [change(key), mapTexts(member, change)])) as T;
  }
  return value;
}

export function byText(a: unknown, b: unknown): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Members in the order of their names. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  );
}
