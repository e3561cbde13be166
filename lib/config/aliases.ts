import type { Validator } from '../core/config/config-def.ts';
import { CompositeValidator, javaText, NonNull, validator } from '../core/config/validators.ts';
import { ConfigException } from '../core/errors.ts';

/** A list of aliases (`transforms`, `predicates`, `topic.creation.groups`): each once. */
export function uniqueAliases(what: string): Validator {
  return CompositeValidator.of(
    NonNull,
    validator((name, value) => {
      const aliases = value as readonly string[];
      if (new Set(aliases).size < aliases.length) throw ConfigException.invalid(name, javaText(aliases), 'Duplicate alias provided.');
    }, `unique ${what}`),
  );
}
