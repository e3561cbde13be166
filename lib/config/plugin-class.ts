import type { Validator } from '../core/config/config-def.ts';
import { CompositeValidator, validator } from '../core/config/validators.ts';
import { ConfigException } from '../core/errors.ts';
import type { PluginKind } from '../plugins/plugin-registry.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';

export type ConfiguredKind = Exclude<PluginKind, 'source' | 'sink'>;

/** The Java interface of each kind. */
export const INTERFACES: Readonly<Record<ConfiguredKind, string>> = {
  converter: 'org.apache.kafka.connect.storage.Converter',
  'header-converter': 'org.apache.kafka.connect.storage.HeaderConverter',
  transformation: 'org.apache.kafka.connect.transforms.Transformation',
  predicate: 'org.apache.kafka.connect.transforms.predicates.Predicate',
};

/** True when a CLASS key may name this: a plug-in of that kind, one of another kind, or a class of Connect that cannot be created. */
export function knowsClass(resolver: PluginResolver, kind: ConfiguredKind): (name: string) => boolean {
  return (name) => resolver.find(kind, name) !== null || resolver.anyKind(name) !== null || resolver.abstractClass(name) !== null;
}

/** Throws what Connect says of a class that is there but is no plug-in of this kind. */
export function ensurePlugin(resolver: PluginResolver, kind: ConfiguredKind, name: string): void {
  if (resolver.find(kind, name) !== null) return;
  const abstract = resolver.abstractClass(name);
  if (abstract !== null) throw new ConfigException(abstract, { code: 'abstract-class' });
  const simple = INTERFACES[kind].slice(INTERFACES[kind].lastIndexOf('.') + 1);
  throw new ConfigException(`Class class ${name} does not implement the ${simple} interface`, { code: 'wrong-class' });
}

/** Judges converter keys; null = the worker's. */
export function concretePlugin(resolver: PluginResolver, kind: ConfiguredKind): Validator {
  return CompositeValidator.of(
    validator((_name, value) => {
      if (value !== null) ensurePlugin(resolver, kind, value as string);
    }, `A concrete subclass of ${INTERFACES[kind]}`),
    validator(() => undefined, 'A class with a public, no-argument constructor'),
  );
}
