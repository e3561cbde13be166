import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FILE = join(import.meta.dirname, '../../fixtures/rest/exchanges.json.gz');

/** A request as it was recorded. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  /** null = not sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
  /** Text in place of JSON. */
  readonly raw?: string;
}

/** What Apache Kafka Connect 4.3.0 answered. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One exchange; the same id twice = once per mode. */
export interface Exchange {
  readonly id: string;
  readonly mode: 'distributed' | 'standalone' | 'both';
  readonly files?: readonly { readonly path: string; readonly content?: string; readonly append?: boolean; readonly directory?: boolean }[];
  readonly delay_ms?: number;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
  /** JSON pointers whose value differs between runs. */
  readonly volatile?: readonly string[];
  /** JSON pointers of arrays or objects that may hold more, in any order. */
  readonly subset?: readonly string[];
  /** Repeat until right, for at most 10 s. */
  readonly eventually?: boolean;
  readonly expect_file?: { readonly path: string; readonly content: string };
  /** The server in front of the API answered: only the status counts. */
  readonly status_only?: boolean;
}

/** Exchanges that depend on each other. */
export interface ExchangeGroup {
  readonly group: string;
  readonly description: string;
  /** To be removed before and after. */
  readonly connectors?: readonly string[];
  readonly exchanges: readonly Exchange[];
}

/** Exchanges recorded from Apache Kafka Connect 4.3.0, both modes. */
export function recordedExchanges(): ExchangeGroup[] {
  return JSON.parse(gunzipSync(readFileSync(FILE)).toString('utf8')) as ExchangeGroup[];
}

/** Replaces `{{NAME}}` in every text, keys included. */
export function fill<T>(value: T, variables: Readonly<Record<string, string>>): T {
  const text = (from: string) => from.replace(/\{\{(\w+)\}\}/g, (all, name: string) => variables[name] ?? all);
  const each = (from: unknown): unknown => {
    if (typeof from === 'string') return text(from);
    if (Array.isArray(from)) return from.map(each);
    if (from === null || typeof from !== 'object') return from;
    return Object.fromEntries(Object.entries(from).map(([key, member]) => [text(key), each(member)]));
  };
  return each(value) as T;
}
