import { ConfigException } from '../errors.ts';
import { parseType } from './parse-type.ts';
import { ParsedConfig } from './parsed-config.ts';
import { missingConfiguration, parseConfigured, undefinedDependents, validateConfig } from './validate-config.ts';

/** Types of configuration keys, as `validate` answers them. INT and SHORT parse to number, LONG to bigint, DOUBLE to number, LIST to string[], PASSWORD to {@link Password}. */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';
export type Importance = 'HIGH' | 'MEDIUM' | 'LOW';
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG';

/** Judges one parsed value. Throws ConfigException; `describe` is what `validate` and the docs print. */
export interface Validator {
  ensureValid(name: string, value: unknown): void;
  describe(): string;
  /** A LIST judged by it loses its duplicates while it is parsed, before it is judged (KIP-1161). */
  readonly deduplicates?: true;
}

/** Says which values make sense for a key, given the others, and whether it is to be shown at all. */
export interface Recommender {
  validValues(name: string, parsed: ReadonlyMap<string, unknown>): readonly unknown[];
  visible(name: string, parsed: ReadonlyMap<string, unknown>): boolean;
}

/** One key as it is defined. A key without `default` is required; `default: null` is a default. */
export interface ConfigKeyInit {
  readonly name: string;
  readonly type: ConfigType;
  readonly default?: unknown;
  readonly validator?: Validator;
  readonly importance: Importance;
  readonly doc: string;
  readonly group?: string;
  readonly orderInGroup?: number;
  readonly width?: Width;
  readonly displayName?: string;
  readonly dependents?: readonly string[];
  readonly recommender?: Recommender;
  readonly internal?: boolean;
  /** Only CLASS: whether there is such a class; a text for which it answers false cannot be parsed ("Class x could not be found."). */
  readonly knowsClass?: (className: string) => boolean;
}

/** One key with everything filled in; `required` = no default. */
export interface ConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  readonly required: boolean;
  /** Parsed; undefined where the key is required. */
  readonly defaultValue: unknown;
  readonly validator: Validator | null;
  readonly importance: Importance;
  readonly doc: string;
  readonly group: string | null;
  readonly orderInGroup: number;
  readonly width: Width;
  readonly displayName: string;
  readonly dependents: readonly string[];
  readonly recommender: Recommender | null;
  readonly internal: boolean;
  readonly knowsClass: ((className: string) => boolean) | null;
}

/** One key as `validate` answers it. */
export interface ConfigValue {
  readonly name: string;
  /** Parsed; null when it could not be parsed. */
  value: unknown;
  recommendedValues: readonly unknown[];
  readonly errorMessages: string[];
  visible: boolean;
}

/** The keys of a plug-in: names, types, defaults, validators, docs. Kafka's ConfigDef; define everything first, then parse or validate. */
export class ConfigDef {
  readonly #keys = new Map<string, ConfigKey>();
  readonly #groups: string[] = [];

  define(init: ConfigKeyInit): this {
    if (this.#keys.has(init.name)) throw new ConfigException(`Configuration ${init.name} is defined twice.`);
    const required = !('default' in init);
    const key: ConfigKey = {
      name: init.name,
      type: init.type,
      required,
      defaultValue: required ? undefined : parseType(init.name, init.default, init.type),
      validator: init.validator ?? null,
      importance: init.importance,
      doc: init.doc,
      group: init.group ?? null,
      orderInGroup: init.orderInGroup ?? -1,
      width: init.width ?? 'NONE',
      displayName: init.displayName ?? init.name,
      dependents: init.dependents ?? [],
      recommender: init.recommender ?? null,
      internal: init.internal ?? false,
      knowsClass: init.knowsClass ?? null,
    };
    if (!required) key.validator?.ensureValid(key.name, key.defaultValue);
    if (key.group !== null && !this.#groups.includes(key.group)) this.#groups.push(key.group);
    this.#keys.set(key.name, key);
    return this;
  }

  get keys(): ReadonlyMap<string, ConfigKey> {
    return this.#keys;
  }

  get groups(): readonly string[] {
    return this.#groups;
  }

  /** Parses every key. Throws ConfigException at the first mistake, with Kafka's message. */
  parse(props: Readonly<Record<string, unknown>>): ParsedConfig {
    const undefinedNames = undefinedDependents(this);
    if (undefinedNames.length > 0) {
      throw new ConfigException(`Some configurations in are referred in the dependents, but not defined: ${undefinedNames.join(',')}`);
    }
    const values = new Map<string, unknown>();
    for (const key of this.#keys.values()) values.set(key.name, parseKey(key, props));
    return new ParsedConfig(values, props);
  }

  /** Every key with its value, its mistakes and its recommended values; keys that nobody defined are not looked at. */
  validate(props: Readonly<Record<string, unknown>>): ConfigValue[] {
    return validateConfig(this, props);
  }
}

function parseKey(key: ConfigKey, props: Readonly<Record<string, unknown>>): unknown {
  let value: unknown;
  if (Object.hasOwn(props, key.name)) value = parseConfigured(key, props[key.name]);
  else if (key.required) throw new ConfigException(missingConfiguration(key.name));
  else value = key.defaultValue;
  // Kafka 4.3 forgives duplicates here, but not in validate.
  if (key.validator?.deduplicates && Array.isArray(value)) value = [...new Set(value)];
  key.validator?.ensureValid(key.name, value);
  return value;
}
