import { javaClassName } from '../data/java-text.ts';
import { ConfigException } from '../errors.ts';
import { NumberFormatException } from '../java/exceptions.ts';
import { parseDouble, parseWhole } from '../java/parse-number.ts';
import { javaTrim } from '../java/trim.ts';
import type { ConfigType } from './config-def.ts';
import { javaText } from './config-text.ts';
import { Password } from './password.ts';

const COMMA = /[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/;

/** Parses a text (or an already typed value) as Kafka's ConfigDef.parseType does: texts are trimmed, null stays null. Throws ConfigException. */
export function parseType(name: string, value: unknown, type: ConfigType): unknown {
  if (value === null || value === undefined) return null;
  try {
    return typeof value === 'string' ? parseText(name, value, type) : checkTyped(name, value, type);
  } catch (error) {
    if (error instanceof NumberFormatException) throw ConfigException.invalid(name, value, `Not a number of type ${type}`);
    throw error;
  }
}

function parseText(name: string, value: string, type: ConfigType): unknown {
  const text = javaTrim(value);
  switch (type) {
    case 'BOOLEAN': {
      const lower = text.toLowerCase();
      if (lower === 'true' || lower === 'false') return lower === 'true';
      throw ConfigException.invalid(name, value, 'Expected value to be either true or false');
    }
    case 'STRING':
    case 'CLASS':
      return text;
    case 'PASSWORD':
      return new Password(text);
    case 'INT':
      return Number(parseWhole(text, -(2n ** 31n), 2n ** 31n - 1n));
    case 'SHORT':
      return Number(parseWhole(text, -(2n ** 15n), 2n ** 15n - 1n));
    case 'LONG':
      return parseWhole(text, -(2n ** 63n), 2n ** 63n - 1n);
    case 'DOUBLE':
      return parseDouble(text);
    case 'LIST':
      return text === '' ? [] : text.split(COMMA);
  }
}

/** What each type takes besides texts, and what it says when it gets something else. */
const TYPED: Readonly<Record<ConfigType, readonly [(value: unknown) => boolean, string]>> = {
  BOOLEAN: [(value) => typeof value === 'boolean', 'Expected value to be either true or false'],
  STRING: [() => false, 'Expected value to be a string, but it was a %'],
  PASSWORD: [(value) => value instanceof Password, 'Expected value to be a string, but it was a %'],
  CLASS: [() => false, 'Expected a Class instance or class name.'],
  INT: [(value) => typeof value === 'number' && (value | 0) === value, 'Expected value to be a 32-bit integer, but it was a %'],
  SHORT: [
    (value) => typeof value === 'number' && (value << 16) >> 16 === value,
    'Expected value to be a 16-bit integer (short), but it was a %',
  ],
  LONG: [
    (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
    'Expected value to be a 64-bit integer (long), but it was a %',
  ],
  DOUBLE: [(value) => typeof value === 'number' || typeof value === 'bigint', 'Expected value to be a double, but it was a %'],
  LIST: [(value) => Array.isArray(value), 'Expected a comma separated list.'],
};

function checkTyped(name: string, value: unknown, type: ConfigType): unknown {
  const [takes, complaint] = TYPED[type];
  if (!takes(value)) throw ConfigException.invalid(name, javaText(value), complaint.replace('%', javaClassName(value)));
  if (type === 'LONG') return BigInt(value as number | bigint);
  return type === 'DOUBLE' ? Number(value) : value;
}
