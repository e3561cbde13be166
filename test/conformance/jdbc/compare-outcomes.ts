import { isDeepStrictEqual } from 'node:util';
import type { JdbcCase, Json, Outcome } from './jdbc-case.ts';

const UNCOMPARED_HEADERS = ['__connect.errors.exception.stacktrace', '__connect.errors.exception.message'];

/** What differs, one line each; texts of errors are not compared, as the cases' format says. */
export function differences({ expect, ignore = [] }: JdbcCase, got: Outcome): string[] {
  return diff(comparable(expect), comparable(blank(got as Json, ignore) as Outcome), '', []);
}

function comparable(outcome: Outcome): Json {
  const copy = structuredClone(outcome) as Outcome;
  if (copy.create !== undefined) copy.create = { status: copy.create.status, message: '' };
  for (const error of [copy.connectorError, ...((copy.tasks as Json[] | undefined) ?? [])]) {
    if (error === undefined || error === null || typeof error !== 'object' || Array.isArray(error)) continue;
    delete error.message;
    delete error.causes;
  }
  for (const records of Object.values(copy.topics ?? {})) {
    for (const record of records as { headers: Record<string, string> }[]) {
      for (const header of UNCOMPARED_HEADERS) if (header in record.headers) record.headers[header] = '<ignored>';
    }
  }
  return copy as Json;
}

/** Values that differ from run to run. */
function blank(value: Json, keys: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((item) => blank(item, keys));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      keys.includes(key) && member !== null && typeof member !== 'object' ? '<ignored>' : blank(member, keys),
    ]),
  );
}

function diff(want: Json | undefined, got: Json | undefined, at: string, found: string[]): string[] {
  if (found.length > 5 || isDeepStrictEqual(want, got) || isSameNumber(want, got)) return found;
  const both = (value: unknown): value is object => value !== null && typeof value === 'object';
  if (both(want) && both(got) && Array.isArray(want) === Array.isArray(got)) {
    const [left, right] = [want as Record<string, Json>, got as Record<string, Json>];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) diff(left[key], right[key], `${at}/${key}`, found);
    return found;
  }
  found.push(`${at || '/'}: expected ${JSON.stringify(want)?.slice(0, 300)}, got ${JSON.stringify(got)?.slice(0, 300)}`);
  return found;
}

/** SQLite's `quote()` prints as many digits as its version likes. */
function isSameNumber(want: Json | undefined, got: Json | undefined): boolean {
  const number = /^-?\d+(\.\d+)?e[+-]\d+$|^-?\d+\.\d+$/;
  if (typeof want !== 'string' || typeof got !== 'string' || !number.test(want) || !number.test(got)) return false;
  return Math.abs(Number(want) - Number(got)) <= Math.abs(Number(want)) * Number.EPSILON;
}
