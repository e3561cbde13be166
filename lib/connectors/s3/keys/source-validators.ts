import type { Validator } from '../../../core/config/config-def.ts';
import { ConfigException } from '../../../core/errors.ts';
import { JavaPattern } from '../../../core/java/regex.ts';

/** A regular expression as Java has them. */
export const RegexText: Validator = {
  ensureValid(name, value) {
    const problem = regexProblem(value as string);
    if (problem !== null) throw ConfigException.invalid(name, value, problem);
  },
  describe: () => 'a regular expression',
};

/** `topic:regex`, each. */
export const TopicRegexes: Validator = {
  ensureValid(name, value) {
    for (const pair of (value ?? []) as readonly string[]) {
      const colon = pair.indexOf(':');
      if (colon < 1 || colon === pair.length - 1) {
        throw ConfigException.invalid(name, pair, 'expected topic:regex, e.g. orders:incoming/orders/.*\\.json');
      }
      const problem = regexProblem(pair.slice(colon + 1));
      if (problem !== null) throw ConfigException.invalid(name, pair, problem);
    }
  },
  describe: () => 'topic:regex, …',
};

function regexProblem(regex: string): string | null {
  try {
    new JavaPattern(regex);
    return null;
  } catch (error) {
    return `the regular expression is wrong: ${error instanceof Error ? error.message : String(error)}`;
  }
}
