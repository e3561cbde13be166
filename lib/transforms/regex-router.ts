import { ConfigDef } from '../core/config/config-def.ts';
import { RegexValidator } from '../core/config/validators.ts';
import { ConfigException } from '../core/errors.ts';
import { PatternSyntaxException } from '../core/java/exceptions.ts';
import { JavaPattern } from '../core/java/regex.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';

const OVERVIEW =
  'Changes the topic by a regular expression of Java: where it matches the whole topic, its first match becomes the replacement, in which `$1` ' +
  'or `${name}` stands for a group. Other records pass unchanged. The partition stays.';

const CONFIG = new ConfigDef()
  .define({
    name: 'regex',
    type: 'STRING',
    validator: RegexValidator,
    importance: 'HIGH',
    doc: 'Regular expression (java.util.regex) that the whole topic has to match.',
  })
  .define({
    name: 'replacement',
    type: 'STRING',
    importance: 'HIGH',
    doc: 'What takes the place of the match; `$1` and `${name}` stand for groups.',
  });

/** So many topics are remembered with where they go. */
const MAX_ROUTES = 1000;

/** {@link OVERVIEW} */
export class RegexRouter<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  #pattern = new JavaPattern('');
  #replace: (topic: string) => string = (topic) => topic;
  readonly #routes = new Map<string, string | null>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#pattern = new JavaPattern(parsed.getText('regex'));
    this.#routes.clear();
    try {
      this.#replace = this.#pattern.replacer(parsed.getText('replacement'));
    } catch (error) {
      if (!(error instanceof PatternSyntaxException)) throw error;
      throw ConfigException.invalid('replacement', parsed.getText('replacement'), error.message);
    }
  }

  apply(record: R): R {
    const topic = this.#route(record.topic);
    return topic === null ? record : record.with({ topic });
  }

  /** The new topic; null = not matched. */
  #route(topic: string): string | null {
    let route = this.#routes.get(topic);
    if (route === undefined) {
      route = this.#pattern.matches(topic) ? this.#replace(topic) : null;
      if (this.#routes.size < MAX_ROUTES) this.#routes.set(topic, route);
    }
    return route;
  }
}

export const regexRouterExamples: readonly TransformationExample[] = [
  {
    summary: 'a prefix goes',
    transformation: RegexRouter,
    config: { regex: 'shop-(.*)', replacement: '$1' },
    have: { topic: 'shop-orders' },
    want: { topic: 'orders' },
  },
];

export const regexRouterManifest = transformManifest(
  { name: 'RegexRouter', file: 'regex-router', overview: OVERVIEW, configDef: CONFIG },
  RegexRouter,
);
