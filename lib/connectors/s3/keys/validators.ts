import type { Recommender, Validator } from '../../../core/config/config-def.ts';
import { ConfigException } from '../../../core/errors.ts';
import { jodaZone } from '../partitioner/joda-zone.ts';

/** One of these texts, blanks around it forgiven; Confluent's way of saying so. */
export function valueOneOf(allowed: readonly string[], listed: readonly string[] = allowed): Validator {
  return {
    ensureValid(name, value) {
      if (value === null || allowed.includes((value as string).trim())) return;
      throw ConfigException.invalid(name, value, `Value must be one of: [${listed.join(', ')}]`);
    },
    describe: () => `[${listed.join(', ')}]`,
  };
}

/** One of these, in any case; the message shows the value in lower case. */
export function enumerator(...allowed: readonly string[]): Validator {
  return {
    ensureValid(name, value) {
      const lower = typeof value === 'string' ? value.toLowerCase() : value;
      if (allowed.includes(lower as string)) return;
      throw ConfigException.invalid(name, lower, `String must be one of: ${allowed.join(', ')}`);
    },
    describe: () => `[${allowed.join(', ')}]`,
  };
}

const PART_MIN_BYTES = 5 * 1024 * 1024;

/** S3 takes no smaller part than 5 MB but the last. */
export const PartSize: Validator = {
  ensureValid(name, value) {
    if (value === null) throw ConfigException.invalid(name, value, 'Part size must be non-null');
    if ((value as number) < PART_MIN_BYTES) {
      throw ConfigException.invalid(name, value, `Part size must be at least: ${PART_MIN_BYTES} bytes (5MB)`);
    }
  },
  describe: () => `[${PART_MIN_BYTES},...,2147483647]`,
};

/** Empty, or a time zone of Joda-Time. */
export const TimezoneOrEmpty: Validator = {
  ensureValid(name, value) {
    const id = (value as string).trim();
    if (id === '') return;
    if (jodaZone(id) === null) throw ConfigException.invalid(name, value, `The datetime zone id '${id}' is not recognised`);
  },
  describe: () => 'a time zone: Europe/Paris, UTC, +02:00',
};

/** Names of fields, nested ones with dots. */
export const FieldNames: Validator = {
  ensureValid(name, value) {
    for (const field of (value ?? []) as readonly string[]) {
      if (field.trim() === '') throw ConfigException.invalid(name, field, 'Field name cannot be null or empty');
      // Java's split drops what is empty at the end
      const segments = field.replace(/\.+$/, '').split('.');
      if (segments.some((segment) => segment.trim() === '') && !/^\.*$/.test(field)) {
        throw ConfigException.invalid(name, field, 'Field name cannot contain an empty or whitespace-only path segment');
      }
    }
  },
  describe: () => 'Validate partition field names is not null or empty',
};

/** Recommends these, always visible. */
export function recommended(...values: readonly unknown[]): Recommender {
  return { validValues: () => values, visible: () => true };
}

/** Recommends these; visible while another key has a value. */
export function recommendedWhile(parent: string, parentValue: unknown, values: readonly unknown[]): Recommender {
  return { validValues: () => values, visible: (_name, parsed) => parsed.get(parent) === parentValue };
}

/** Visible while `when` holds; recommends nothing. */
export function visibleWhen(when: (name: string, parsed: ReadonlyMap<string, unknown>) => boolean): Recommender {
  return { validValues: () => [], visible: when };
}
