import { ConfigException } from '../errors.ts';
import type { ConfigDef, ConfigKey, ConfigValue } from './config-def.ts';
import { parseType } from './parse-type.ts';

/**
 * Every key with its value and all that is wrong with it, as Kafka's `ConfigDef.validate`: a value that cannot be parsed is null and goes to
 * the validator too, so that one mistake may be told twice. In order of definition, then dependents that nobody defined.
 */
export function validateConfig(def: ConfigDef, props: Readonly<Record<string, unknown>>): ConfigValue[] {
  const values = new Map<string, ConfigValue>();
  for (const name of def.keys.keys()) values.set(name, emptyValue(name));
  for (const name of undefinedDependents(def)) {
    values.set(name, {
      ...emptyValue(name),
      errorMessages: [`${name} is referred in the dependents, but not defined.`],
      visible: false,
    });
  }
  const parsed = new Map<string, unknown>();
  const roots = keysWithoutParent(def);
  for (const key of roots) parseFamily(def, key, props, parsed, values);
  for (const key of roots) recommendFamily(def, key, parsed, values);
  return [...values.values()];
}

/** Names that keys call dependent and nobody defines. */
export function undefinedDependents(def: ConfigDef): string[] {
  const names = [...def.keys.values()].flatMap((key) => key.dependents);
  return [...new Set(names)].filter((name) => !def.keys.has(name));
}

function emptyValue(name: string): ConfigValue {
  return { name, value: null, recommendedValues: [], errorMessages: [], visible: true };
}

function keysWithoutParent(def: ConfigDef): ConfigKey[] {
  const dependents = new Set([...def.keys.values()].flatMap((key) => key.dependents));
  return [...def.keys.values()].filter((key) => !dependents.has(key.name));
}

function parseFamily(
  def: ConfigDef,
  key: ConfigKey,
  props: Readonly<Record<string, unknown>>,
  parsed: Map<string, unknown>,
  values: ReadonlyMap<string, ConfigValue>,
): void {
  const result = values.get(key.name)!;
  let value: unknown = null;
  if (Object.hasOwn(props, key.name)) hear(result, () => (value = parseConfigured(key, props[key.name])));
  else if (key.required) result.errorMessages.push(missingConfiguration(key.name));
  else value = key.defaultValue;
  if (key.validator !== null) hear(result, () => key.validator?.ensureValid(key.name, value));
  result.value = value;
  parsed.set(key.name, value);
  for (const dependent of dependentsOf(def, key)) parseFamily(def, dependent, props, parsed, values);
}

function recommendFamily(
  def: ConfigDef,
  key: ConfigKey,
  parsed: ReadonlyMap<string, unknown>,
  values: ReadonlyMap<string, ConfigValue>,
): void {
  const result = values.get(key.name)!;
  const { recommender } = key;
  if (recommender !== null) {
    hear(result, () => {
      const recommended = recommender.validValues(key.name, parsed);
      const before = result.recommendedValues;
      result.recommendedValues = before.length === 0 ? recommended : recommended.filter((value) => before.includes(value));
      result.visible = recommender.visible(key.name, parsed);
    });
  }
  for (const dependent of dependentsOf(def, key)) recommendFamily(def, dependent, parsed, values);
}

function dependentsOf(def: ConfigDef, key: ConfigKey): ConfigKey[] {
  return key.dependents.flatMap((name) => def.keys.get(name) ?? []);
}

function hear(result: ConfigValue, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ConfigException)) throw error;
    result.errorMessages.push(error.message);
  }
}

/** The value of a key that is set, by its type. Throws ConfigException. */
export function parseConfigured(key: ConfigKey, value: unknown): unknown {
  const parsed = parseType(key.name, value, key.type);
  if (key.knowsClass !== null && typeof parsed === 'string' && !key.knowsClass(parsed)) {
    throw ConfigException.invalid(key.name, value, `Class ${String(value)} could not be found.`);
  }
  return parsed;
}

export function missingConfiguration(name: string): string {
  return `Missing required configuration "${name}" which has no default value.`;
}
