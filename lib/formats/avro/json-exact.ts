import { doubleToString } from '../../core/data/java-numbers.ts';
import { SchemaParseException } from './avro-errors.ts';
import type { Json } from './avro-schema.ts';

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON with whole numbers beyond 2^53 as bigint: defaults of a long need all their digits. */
export function parseJson(text: string): Json {
  const reviver: SourceReviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  try {
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
  } catch (error) {
    throw new SchemaParseException(`the schema is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** JSON as Java's Jackson writes it: no blanks, `NaN` and infinities as texts. */
export function jsonText(json: Json): string {
  if (json === null) return 'null';
  switch (typeof json) {
    case 'string':
      return JSON.stringify(json);
    case 'number':
      if (!Number.isFinite(json)) return `"${json}"`;
      return Number.isInteger(json) && Math.abs(json) < 1e15 ? String(json) : doubleToString(json);
    case 'bigint':
    case 'boolean':
      return String(json);
  }
  if (isJsonArray(json)) return `[${json.map(jsonText).join(',')}]`;
  return `{${Object.entries(json)
    .map(([key, value]) => `${JSON.stringify(key)}:${jsonText(value)}`)
    .join(',')}}`;
}

export function isJsonArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

export function isJsonObject(json: Json | undefined): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
