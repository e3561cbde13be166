import type { ConformanceCase } from './case.ts';

/** One place where an outcome is not the expected one. */
export interface Difference {
  /** Where, e.g. `output.value.struct.a`; empty = the whole. */
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

const NUMBER_KINDS = new Set(['int8', 'int16', 'int32', 'float32', 'float64']);
const ONE_OF = /(String must be one of \(case insensitive\): )(.*)/s;

/** Compares an outcome with what a case expects, by the rules of FORMAT.md §4. Empty = it passes. */
export function compareOutcome(case_: ConformanceCase, got: unknown): Difference[] {
  const expected = case_.expect;
  const gotError = (got as JsonObject | null)?.error;
  if (case_.compare === 'error' && isObject(expected.error)) {
    return isObject(gotError) ? [] : [{ path: '', expected: 'an error', got }];
  }
  if (case_.compare === 'class' && !('error' in expected)) {
    return compareAny(errorCounts(expected), errorCounts(got as JsonObject), 'errors');
  }
  if (isEncodedError(gotError) !== isEncodedError(expected.error)) return [{ path: '', expected, got }];
  return compareMembers(expected, (got ?? {}) as JsonObject, '', case_.compare);
}

function compareMembers(expected: JsonObject, got: JsonObject, path: string, compare?: string): Difference[] {
  const differences: Difference[] = [];
  for (const name of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const at = path === '' ? name : `${path}.${name}`;
    if ((name === 'error' || name === 'toleratedError') && isEncodedError(expected[name]))
      differences.push(...compareError(expected[name], got[name], at, compare));
    else differences.push(...compareAny(expected[name], got[name], at));
  }
  return differences;
}

function compareAny(expected: Json, got: Json, path: string): Difference[] {
  if (expected === got) return [];
  const different = [{ path, expected, got }];
  if (typeof expected === 'string' && typeof got === 'string') return sameText(expected, got) ? [] : different;
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return different;
    return expected.flatMap((element, index) => compareAny(element, got[index], `${path}[${index}]`));
  }
  if (!isObject(expected) || !isObject(got)) return different;
  const kind = soleKey(expected);
  const gotKind = soleKey(got);
  if (gotKind === 'number' && kind !== null && NUMBER_KINDS.has(kind)) return sameNumber(expected[kind], got.number) ? [] : different;
  if (kind !== null && kind === gotKind) {
    if (kind === 'date') return sameEpochMillis(expected.date, got.date) ? [] : different;
    if (kind === 'map' && isPairs(expected.map) && isPairs(got.map)) return sameEntries(expected.map, got.map) ? [] : different;
    if (kind === 'float64' || kind === 'float32') return Object.is(Number(expected[kind]), Number(got[kind])) ? [] : different;
  }
  if (kind === 'struct' || 'struct' in expected) {
    const names = (json: Json) => (isObject(json) ? Object.keys(json).join('\n') : null);
    if (names(expected.struct) !== names(got.struct)) return different;
  }
  return compareMembers(expected, got, path);
}

function compareError(expected: JsonObject, got: Json, path: string, compare?: string): Difference[] {
  if (!isEncodedError(got)) return [{ path, expected, got }];
  const differences: Difference[] = [];
  const check = (member: string, left: Json, right: Json) => {
    if (typeof left === 'string' && typeof right === 'string' ? sameText(left, right) : left === right) return;
    differences.push({ path: `${path}.${member}`, expected: left, got: right });
  };
  if (compare === 'error' || expected.compare === 'error') return [];
  check('class', expected.class, got.class);
  if ('phase' in expected) check('phase', expected.phase, got.phase);
  if (compare !== 'class' && expected.compare !== 'class') check('message', expected.message ?? '', got.message ?? '');
  if (isEncodedError(expected.cause)) {
    differences.push(...compareError(expected.cause, got.cause, `${path}.cause`, expected.cause.compare as string | undefined));
  }
  return differences;
}

/** Of a `validate` outcome: how many messages each key has that has any. */
function errorCounts(outcome: JsonObject): JsonObject {
  const counts = new Map<string, number>();
  for (const list of [outcome.values, outcome.errors, outcome.errorsByKey]) {
    if (!Array.isArray(list)) continue;
    for (const { name, errors } of list as { name: string; errors: unknown[] }[]) if (errors.length > 0) counts.set(name, errors.length);
  }
  return Object.fromEntries(counts);
}

function sameText(expected: string, got: string): boolean {
  if (expected === got) return true;
  const left = ONE_OF.exec(expected);
  const right = ONE_OF.exec(got);
  if (left === null || right === null) return false;
  const sorted = (list: string) => list.split(', ').sort().join(', ');
  return expected.slice(0, left.index) === got.slice(0, right.index) && sorted(left[2]!) === sorted(right[2]!);
}

function sameEpochMillis(expected: Json, got: Json): boolean {
  return BigInt(expected as string | number) === BigInt(got as string | number);
}

function sameEntries(expected: readonly Json[], got: readonly Json[]): boolean {
  if (expected.length !== got.length) return false;
  const rest = [...got];
  return expected.every((entry) => {
    const at = rest.findIndex((other) => compareAny(entry, other, '').length === 0);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

/** Without schema: NaN equals NaN, and -0 equals 0. */
function sameNumber(expected: Json, got: Json): boolean {
  const left = Number(expected);
  const right = Number(got);
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}

function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isPairs(json: Json): json is readonly Json[] {
  return Array.isArray(json) && json.every((entry) => Array.isArray(entry) && entry.length === 2);
}

function isEncodedError(json: Json): json is JsonObject {
  return isObject(json) && typeof json.class === 'string';
}

function soleKey(json: JsonObject): string | null {
  const keys = Object.keys(json);
  return keys.length === 1 ? keys[0]! : null;
}
