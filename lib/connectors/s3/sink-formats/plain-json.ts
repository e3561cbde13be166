import { BigDecimal } from '../../../core/data/big-decimal.ts';
import { doubleToString, floatToString } from '../../../core/data/java-numbers.ts';
import { javaClassName, javaToString } from '../../../core/data/java-text.ts';
import type { Schema } from '../../../core/data/schema.ts';
import { ConnectException } from '../../../core/errors.ts';
import { encodeBase64 } from '../../../formats/json/base64.ts';
import { quote } from '../../../formats/json/json-writer.ts';

/** A value that is no struct, as Jackson's ObjectMapper writes it: by its own class; the schema only tells the kinds of numbers apart. */
export function plainJson(value: unknown, schema: Schema | null): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return numberText(value, schema);
    default:
  }
  if (value === null || value === undefined) return 'null';
  if (value instanceof BigDecimal) return value.toString();
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Uint8Array) return `"${encodeBase64(value)}"`;
  if (Array.isArray(value)) return `[${value.map((element) => plainJson(element, schema?.valueSchema ?? null)).join(',')}]`;
  if (value instanceof Map) {
    const members: string[] = [];
    for (const [key, entry] of value) members.push(`${keyText(key)}:${plainJson(entry, schema?.valueSchema ?? null)}`);
    return `{${members.join(',')}}`;
  }
  throw new ConnectException(`No serializer found for class ${javaClassName(value)}`);
}

function numberText(value: number, schema: Schema | null): string {
  const whole = schema === null ? (value | 0) === value && !Object.is(value, -0) : schema.type.startsWith('INT');
  if (whole) return String(value);
  const text = schema?.type === 'FLOAT32' ? floatToString(value) : doubleToString(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

function keyText(key: unknown): string {
  if (key === null) throw new ConnectException('Null key for a Map not allowed in JSON (use a converting NullKeySerializer?)');
  if (key instanceof Date) return quote(`${key.toISOString().slice(0, -1)}+00:00`);
  return quote(key instanceof Uint8Array ? encodeBase64(key) : javaToString(key));
}
