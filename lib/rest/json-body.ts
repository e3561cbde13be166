import { unreadableBody } from './rest-exception.ts';

/** Texts by key, as Jackson reads `Map<String, String>`: numbers and booleans keep their text, null stays. */
export type TextMap = Readonly<Record<string, string | null>>;

/** The body's JSON value with `source` texts for numbers. Throws RestException (500). */
function parse(body: string, reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown): unknown {
  if (body.trim() === '') throw unreadableBody('it is empty, JSON is expected');
  try {
    return JSON.parse(body, reviver as (this: unknown, key: string, value: unknown) => unknown);
  } catch (error) {
    throw unreadableBody((error as Error).message);
  }
}

function scalarsAsText(this: unknown, _key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? (context.source ?? String(value)) : value;
}

/** A flat JSON object. Throws RestException (500). */
export function readTextMap(body: string): TextMap {
  return asTextMap(parse(body, scalarsAsText), 'the body');
}

/** A JSON object of any depth; scalars are texts. Throws RestException (500). */
export function readObject(body: string): Readonly<Record<string, unknown>> {
  return asObject(parse(body, scalarsAsText), 'the body');
}

/** Any JSON object; integers beyond 2^53 are bigints. Throws RestException (500). */
export function readValueKeepingIntegers(body: string): Readonly<Record<string, unknown>> {
  const value = parse(body, (_key, member, { source }) =>
    typeof member === 'number' && !Number.isSafeInteger(member) && /^-?\d+$/.test(source ?? '') ? BigInt(source as string) : member,
  );
  return asObject(value, 'the body');
}

export function asTextMap(value: unknown, what: string): TextMap {
  const object = asObject(value, what);
  for (const [key, member] of Object.entries(object)) {
    if (member !== null && typeof member !== 'string')
      throw unreadableBody(`${key} of ${what} must be a text, a number, a boolean or null`);
  }
  return object as TextMap;
}

export function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unreadableBody(`${what} must be a JSON object`);
  return value as Record<string, unknown>;
}
