import { BigDecimal } from './big-decimal.ts';
import { formatDateText } from './java-date-text.ts';
import { doubleToString, floatToString } from './java-numbers.ts';
import type { Schema } from './schema.ts';
import { StructValue } from './struct-value.ts';

/** The Java class a value would have, for messages. A whole number within int32 is an Integer, every other number a Double. */
export function javaClassName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'java.lang.String';
    case 'bigint':
      return 'java.lang.Long';
    case 'boolean':
      return 'java.lang.Boolean';
    case 'number':
      return (value | 0) === value && !Object.is(value, -0) ? 'java.lang.Integer' : 'java.lang.Double';
  }
  if (value instanceof StructValue) return 'org.apache.kafka.connect.data.Struct';
  if (value instanceof Uint8Array) return '[B';
  if (Array.isArray(value)) return 'java.util.ArrayList';
  if (value instanceof Map) return 'java.util.HashMap';
  if (value instanceof Date) return 'java.util.Date';
  if (value instanceof BigDecimal) return 'java.math.BigDecimal';
  const name = Object.getPrototypeOf(Object(value))?.constructor?.name;
  return name === undefined || name === 'Object' ? 'java.lang.Object' : name;
}

/**
 * `toString()` of a value as Java has it: `1.5`, `[1, 2]`, `{a=1}`, `Struct{a=1}`, dates as `Thu Jan 01 00:00:00 UTC 1970`. The schema
 * tells floats from doubles and ints; null = schemaless. Bytes have no text of their own in Java; here their class and length.
 */
export function javaToString(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value, schema);
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((element) => javaToString(element, schema?.valueSchema)).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, entry]) => `${javaToString(key, schema?.keySchema)}=${javaToString(entry, schema?.valueSchema)}`);
    return `{${entries.join(', ')}}`;
  }
  if (value instanceof Date) return formatDateText(value);
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  return String(value);
}

function numberText(value: number, schema: Schema | null): string {
  switch (schema?.type) {
    case 'FLOAT32':
      return floatToString(value);
    case 'FLOAT64':
      return doubleToString(value);
  }
  return (value | 0) === value && !Object.is(value, -0) ? String(value) : doubleToString(value);
}
