import type { Validator } from '../../core/config/config-def.ts';
import { ConfigException } from '../../core/errors.ts';
import { timeZone } from './time-zone.ts';

/** One of these, in any case; Confluent's EnumValidator. */
export function oneOf(...allowed: readonly string[]): Validator {
  const known = new Set(allowed.flatMap((value) => [value, value.toUpperCase(), value.toLowerCase()]));
  return {
    ensureValid(name, value) {
      if (value !== null && !known.has(value as string)) throw ConfigException.invalid(name, value, 'Invalid enumerator');
    },
    describe: () => `[${allowed.join(', ')}]`,
  };
}

/** A time zone by name. */
export const TimeZoneName: Validator = {
  ensureValid(name, value) {
    if (value === null) return;
    try {
      timeZone(value as string);
    } catch {
      throw ConfigException.invalid(name, value, 'Invalid time zone identifier');
    }
  },
  describe: () => 'Any valid time zone, e.g. UTC or Europe/Berlin',
};
