import type { ConfigDef } from '../core/config/config-def.ts';
import { nearestNames } from '../core/config/did-you-mean.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { LAMBDA_CONFIG_DEF } from './lambda-keys.ts';
import { didYouMean } from './problems.ts';

/** A key that changes nothing, with what may have been meant. */
export interface UnknownKey {
  readonly key: string;
  readonly message: string;
  readonly remedy: string | null;
}

const ROLES = ['key', 'value', 'header'] as const;
const OVERRIDE = /^(?:producer|consumer|admin)\.override\../;

/** What the keys of a connector's configuration are compared with. */
export interface KnownKeys {
  /** Framework keys, enriched by aliases and topic creation groups. */
  readonly framework: ConfigDef;
  /** The connector's own; null = unknown class. */
  readonly plugin: ConfigDef | null;
  /** Definitions of the converters the connector names, by `key`, `value`, `header`; null = the class is not known. */
  readonly converters: ReadonlyMap<string, ConfigDef | null>;
}

/** Keys that nobody reads. Kafka Connect accepts them silently, and a misspelt key is then a default nobody chose. */
export function unknownKeys(props: ConnectorProps, known: KnownKeys): UnknownKey[] {
  const { framework, plugin } = known;
  if (plugin === null) return [];
  const names = [...framework.keys.keys(), ...plugin.keys.keys(), ...LAMBDA_CONFIG_DEF.keys.keys()];
  const all = new Set(names);
  const unknown: UnknownKey[] = [];
  for (const key of Object.keys(props)) {
    if (all.has(key) || OVERRIDE.test(key)) continue;
    const special = converterKey(key, props, known) ?? aliasKey(key, props, names) ?? topicCreationKey(key, props);
    if (special === 'known') continue;
    unknown.push(special ?? { key, message: 'unknown key', remedy: didYouMean(nearestNames(key, names)) });
  }
  return unknown;
}

type Judgement = UnknownKey | 'known' | null;

function converterKey(key: string, props: ConnectorProps, { converters }: KnownKeys): Judgement {
  const role = ROLES.find((each) => key.startsWith(`${each}.converter.`));
  if (role === undefined) return null;
  if (!Object.hasOwn(props, `${role}.converter`)) {
    const message = `has no effect: without ${role}.converter the worker's converter is used, with the worker's settings`;
    return { key, message, remedy: `set ${role}.converter here too, or set the key in the worker` };
  }
  const def = converters.get(role) ?? null;
  const option = key.slice(`${role}.converter.`.length);
  if (def === null || def.keys.has(option)) return 'known';
  return { key, message: 'unknown key of the converter', remedy: didYouMean(nearestNames(option, def.keys.keys())) };
}

function aliasKey(key: string, props: ConnectorProps, names: readonly string[]): Judgement {
  const match = /^(transforms|predicates)\.(.+)\.[^.]+$/.exec(key) ?? /^(transforms|predicates)\.([^.]+)\./.exec(key);
  if (match === null) return null;
  const list = match[1] as 'transforms' | 'predicates';
  const aliases = (props[list] ?? '').split(',').map((alias) => alias.trim());
  const alias = aliases.find((each) => each !== '' && key.startsWith(`${list}.${each}.`));
  if (alias === undefined) {
    const named = (match[2] as string).split('.')[0] as string;
    const near = didYouMean(nearestNames(named, aliases));
    return {
      key,
      message: `has no effect: ${named} is not listed in ${list}`,
      remedy: near ?? `add it: ${list}=${[...aliases, named].filter(Boolean).join(',')}`,
    };
  }
  const prefix = `${list}.${alias}.`;
  const own = names.filter((name) => name.startsWith(prefix));
  // without a usable class its options are not known either, and that is said already
  if (own.length <= 2) return 'known';
  return { key, message: `unknown key of ${alias}`, remedy: didYouMean(nearestNames(key, own)) };
}

function topicCreationKey(key: string, props: ConnectorProps): Judgement {
  const match = /^topic\.creation\.([^.]+)\./.exec(key);
  if (match === null) return null;
  const group = match[1] as string;
  const groups = ['default', ...(props['topic.creation.groups'] ?? '').split(',').map((name) => name.trim())];
  if (groups.includes(group)) return 'known';
  const near = didYouMean(nearestNames(group, groups));
  return { key, message: `has no effect: ${group} is not listed in topic.creation.groups`, remedy: near };
}
