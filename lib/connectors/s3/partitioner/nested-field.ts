import type { Field, Schema } from '../../../core/data/schema.ts';
import { Struct } from '../../../core/data/struct.ts';
import { ConnectException, DataException } from '../../../core/errors.ts';

/** A value inside a Struct or a Map, by names with dots between them. Throws DataException where there is none. */
export function nestedValue(value: unknown, name: string): unknown {
  if (name.trim() === '') throw new ConnectException('The field to extract cannot be null or empty.');
  try {
    let innermost = value;
    for (const part of name.split('.')) innermost = fieldOf(innermost, part);
    return innermost;
  } catch (cause) {
    if (!(cause instanceof DataException)) throw cause;
    throw new DataException(`The field '${name}' does not exist.`, { cause });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (value instanceof Struct) {
    const found = value.get(name);
    if (found === null || found === undefined) throw new DataException(`The field '${name}' does not exist.`);
    return found;
  }
  if (value instanceof Map) {
    const found: unknown = value.get(name);
    if (found === null || found === undefined) throw new DataException(`Unable to find nested field '${name}'`);
    return found;
  }
  throw new DataException(`Argument not a Struct or Map. Cannot get field '${name}'.`);
}

/** A field inside a STRUCT schema, by names with dots between them; null = there is none. */
export function nestedField(schema: Schema, name: string): Field | null {
  if (name.trim() === '') throw new ConnectException('The field to extract cannot be null or empty.');
  const [first, ...rest] = name.split('.');
  try {
    let innermost = schema.field(first!);
    for (const part of rest) innermost = innermost!.schema.field(part);
    return innermost;
  } catch (cause) {
    if (!(cause instanceof DataException)) throw cause;
    throw new DataException(`Unable to get field '${name}' from schema ${String(schema)}.`, { cause });
  }
}
