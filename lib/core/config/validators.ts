import { doubleToString } from '../data/java-numbers.ts';
import { ConfigException } from '../errors.ts';
import { NullPointerException, PatternSyntaxException } from '../java/exceptions.ts';
import { hashSetOrder } from '../java/hash-order.ts';
import { JavaPattern } from '../java/regex.ts';
import type { Validator } from './config-def.ts';
import { javaText } from './config-text.ts';

export { javaText } from './config-text.ts';

/** Numbers between two limits, both included; takes number and bigint. `double` prints limits as Java prints doubles. */
export const Range = {
  atLeast: (min: number | bigint, { double = false } = {}): Validator => range(min, null, double),
  between: (min: number | bigint, max: number | bigint, { double = false } = {}): Validator => range(min, max, double),
};

/** One of these texts; null among them allows null. */
export const ValidString = {
  in: (...allowed: readonly (string | null)[]): Validator => ({
    ensureValid(name, value) {
      if (!allowed.includes(value as string | null)) invalid(name, value, `String must be one of: ${allowed.map(String).join(', ')}`);
    },
    describe: () => `[${allowed.map(String).join(', ')}]`,
  }),
};

/** One of these texts, in any case. */
export const CaseInsensitiveValidString = {
  in: (...allowed: readonly string[]): Validator => {
    const upper = hashSetOrder(allowed.map((text) => text.toUpperCase()));
    return {
      ensureValid(name, value) {
        if (typeof value === 'string' && upper.includes(value.toUpperCase())) return;
        invalid(name, value, `String must be one of (case insensitive): ${upper.join(', ')}`);
      },
      describe: () => `(case insensitive) [${upper.join(', ')}]`,
    };
  },
};

/** Lists without duplicates and without empty elements. */
export const ValidList = {
  /** Only these elements. */
  in: (allowed: readonly string[], { allowEmpty = true } = {}): Validator => ({
    deduplicates: true,
    ensureValid(name, value) {
      if (value === null) throw new ConfigException(`Configuration '${name}' values must not be null.`);
      const list = value as readonly string[];
      if (list.length === 0 && !allowEmpty) {
        throw new ConfigException(`Configuration '${name}' must not be empty. Valid values include: [${allowed.join(', ')}]`);
      }
      ensureDistinct(name, list);
      for (const element of list) if (!allowed.includes(element)) invalid(name, element, `String must be one of: ${allowed.join(', ')}`);
    },
    describe: () => `[${allowed.join(', ')}]`,
  }),
  anyNonDuplicateValues: (allowEmpty: boolean, allowNull: boolean): Validator => ({
    deduplicates: true,
    ensureValid(name, value) {
      if (value === null) {
        if (allowNull) return;
        throw new ConfigException(`Configuration '${name}' values must not be null.`);
      }
      const list = value as readonly string[];
      if (list.length === 0 && !allowEmpty) {
        throw new ConfigException(`Configuration '${name}' must not be empty. Valid values include: any non-empty value`);
      }
      ensureDistinct(name, list);
    },
    describe: () => '',
  }),
};

export const ListSize = {
  atMostOfSize: (max: number): Validator => ({
    ensureValid(name, value) {
      if (value === null) throw new NullPointerException('Cannot invoke "java.util.List.size()" because "values" is null');
      const { length } = value as readonly string[];
      if (length > max) invalid(name, javaText(value), `exceeds maximum list size of [${max}].`);
    },
    describe: () => `List containing maximum of ${max} elements`,
  }),
};

/** Every one of these; the first that refuses is heard. */
export const CompositeValidator = {
  of: (...validators: readonly Validator[]): Validator => ({
    ensureValid(name, value) {
      for (const validator of validators) validator.ensureValid(name, value);
    },
    describe: () => validators.map((validator) => validator.describe()).join(', '),
  }),
};

/** Not the empty text; null passes. */
export const NonEmptyString: Validator = {
  ensureValid(name, value) {
    if (value === '') invalid(name, value, 'String must be non-empty');
  },
  describe: () => 'non-empty string',
};

/** What a connector's name may be. */
export const NonEmptyStringWithoutControlChars: Validator = {
  ensureValid(name, value) {
    // a missing name is reported as missing; it is not judged as well
    if (value === null) return;
    const text = value as string;
    if (text === '') invalid(name, value, 'String may not be empty');
    const found = [...text].map((char) => char.codePointAt(0) as number).filter((code) => code < 0x20 || (code >= 0x7f && code <= 0x9f));
    if (found.length > 0) {
      invalid(name, value, `String may not contain control sequences but had the following ASCII chars: ${found.join(', ')}`);
    }
  },
  describe: () => 'non-empty string without ISO control characters',
};

export const NonNull: Validator = {
  ensureValid(name, value) {
    if (value === null) invalid(name, value, 'entry must be non null');
  },
  describe: () => 'non-null string',
};

export const NonEmptyList: Validator = {
  ensureValid(name, value) {
    if (value === null || (value as readonly string[]).length === 0) invalid(name, javaText(value), 'Empty list');
  },
  describe: () => 'non-empty list',
};

/** A regular expression of Java. */
export const RegexValidator: Validator = {
  ensureValid(name, value) {
    if (value === null) invalid(name, value, 'Invalid regex: Cannot invoke "String.isEmpty()" because "this.pattern" is null');
    try {
      new JavaPattern(value as string);
    } catch (error) {
      if (!(error instanceof PatternSyntaxException)) throw error;
      invalid(name, value, `Invalid regex: ${error.message}`);
    }
  },
  describe: () => 'valid regex',
};

/** A validator made of a function. */
export function validator(ensureValid: (name: string, value: unknown) => void, description: string): Validator {
  return { ensureValid, describe: () => description };
}

function range(min: number | bigint, max: number | bigint | null, double: boolean): Validator {
  const text = (limit: number | bigint) => (double ? doubleToString(Number(limit)) : String(limit));
  return {
    ensureValid(name, value) {
      if (value === null) invalid(name, value, 'Value must be non-null');
      const number = value as number | bigint;
      if (number < min) invalid(name, text(number), `Value must be at least ${text(min)}`);
      if (max !== null && number > max) invalid(name, text(number), `Value must be no more than ${text(max)}`);
    },
    describe: () => (max === null ? `[${text(min)},...]` : `[${text(min)},...,${text(max)}]`),
  };
}

function ensureDistinct(name: string, list: readonly string[]): void {
  if (new Set(list).size < list.length) throw new ConfigException(`Configuration '${name}' values must not be duplicated.`);
  if (list.includes('')) throw new ConfigException(`Configuration '${name}' values must not be empty.`);
}

function invalid(name: string, value: unknown, why: string): never {
  throw ConfigException.invalid(name, value, why);
}
