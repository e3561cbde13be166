import { ConfigException } from '../errors.ts';
import type { ConfigType } from './config-def.ts';
import { Password } from './password.ts';

const INT_LIMITS = { INT: [-(2 ** 31), 2 ** 31 - 1], SHORT: [-32768, 32767] } as const;

/** Parses a text (or an already typed value) as Kafka's ConfigDef.parseType does: texts are trimmed, null stays null. */
export function parseType(name: string, value: unknown, type: ConfigType): unknown {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'string' ? value.trim() : value;
  switch (type) {
    case 'BOOLEAN':
      if (typeof text === 'boolean') return text;
      if (typeof text === 'string' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
      throw ConfigException.invalid(name, value, 'Expected value to be either true or false');
    case 'STRING':
    case 'CLASS':
      if (typeof text === 'string') return text;
      throw ConfigException.invalid(name, value, `Expected value to be a string, but it was a ${typeof value}`);
    case 'PASSWORD':
      if (text instanceof Password) return text;
      if (typeof text === 'string') return new Password(text);
      throw ConfigException.invalid(name, value, `Expected value to be a string, but it was a ${typeof value}`);
    case 'INT':
    case 'SHORT': {
      const number = typeof text === 'number' ? text : typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      const [min, max] = INT_LIMITS[type];
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      throw ConfigException.invalid(name, value, `Not a number of type ${type}`);
    }
    case 'LONG': {
      const long = typeof text === 'bigint' ? text : /^[+-]?\d+$/.test(String(text)) ? BigInt(String(text).replace(/^\+/, '')) : null;
      if (long !== null && BigInt.asIntN(64, long) === long) return long;
      throw ConfigException.invalid(name, value, `Not a number of type ${type}`);
    }
    case 'DOUBLE': {
      const number = typeof text === 'number' ? text : text === '' ? Number.NaN : Number(text);
      if (!Number.isNaN(number)) return number;
      throw ConfigException.invalid(name, value, `Not a number of type ${type}`);
    }
    case 'LIST':
      if (Array.isArray(text)) return text;
      if (text === '') return [];
      if (typeof text === 'string') return text.split(/\s*,\s*/);
      throw ConfigException.invalid(name, value, 'Expected a comma separated list.');
  }
}
