import { DataException } from '../core/errors.ts';
import type { OffsetValue } from '../core/source-record.ts';
import { StateCorruptException } from './errors.ts';

type OffsetMap = Readonly<Record<string, OffsetValue>>;

/** One source partition or offset as JSON with sorted members: equal maps give equal text. Throws DataException for what is not primitive. */
export function toCanonicalJson(map: OffsetMap): string {
  const members = Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${valueJson(key, map[key] as OffsetValue)}`);
  return `{${members.join(',')}}`;
}

function valueJson(key: string, value: OffsetValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) {
    // Number prints integers from 1e21 on with an exponent, and would then come back as a float.
    return Number.isInteger(value) ? BigInt(value).toString() : JSON.stringify(value);
  }
  // Connect's words (OffsetUtils.validateFormat).
  throw new DataException(`Offsets may only contain primitive types as values, but field ${key} contains ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === undefined) return 'undefined';
  return Array.isArray(value) ? 'ARRAY' : value instanceof Uint8Array ? 'BYTES' : 'MAP';
}

/** JSON text with integers kept whole: beyond 2^53 as bigint. Throws SyntaxError. */
export function parseKeepingIntegers(text: string): unknown {
  return JSON.parse(text, keepIntegers as (this: unknown, key: string, value: unknown) => unknown);
}

/** The inverse: integers beyond 2^53 are bigint, others numbers. Throws StateCorruptException naming `item`. */
export function fromCanonicalJson(text: string, item: string): OffsetMap {
  let parsed: unknown;
  try {
    parsed = parseKeepingIntegers(text);
  } catch (cause) {
    throw new StateCorruptException(`${item} holds an offset that is not JSON: ${text.slice(0, 100)}`, { cause });
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new StateCorruptException(`${item} holds an offset that is not a JSON object: ${text.slice(0, 100)}`);
  }
  return parsed as OffsetMap;
}

function keepIntegers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source ?? '')) return value;
  return BigInt(context.source as string);
}
