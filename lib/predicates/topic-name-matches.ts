import { ConfigDef } from '../core/config/config-def.ts';
import { CompositeValidator, NonEmptyString, RegexValidator } from '../core/config/validators.ts';
import { JavaPattern } from '../core/java/regex.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Predicate } from '../core/transformation.ts';
import type { PredicateExample } from './example.ts';
import { predicateManifest } from './predicate-manifest.ts';

const OVERVIEW =
  'True for records whose whole topic matches a regular expression of Java. The topic is the one of that moment: earlier transformations count.';

const CONFIG = new ConfigDef().define({
  name: 'pattern',
  type: 'STRING',
  validator: CompositeValidator.of(NonEmptyString, RegexValidator),
  importance: 'MEDIUM',
  doc: 'Regular expression (java.util.regex) that the whole topic has to match.',
});

/** {@link OVERVIEW} */
export class TopicNameMatches<R extends ConnectRecord = ConnectRecord> implements Predicate<R> {
  #pattern = new JavaPattern('');
  #lastTopic: string | null = null;
  #lastAnswer = false;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#pattern = new JavaPattern(CONFIG.parse(config).getText('pattern'));
    this.#lastTopic = null;
  }

  test({ topic }: R): boolean {
    if (topic === null || topic === undefined) return false;
    if (topic !== this.#lastTopic) {
      this.#lastAnswer = this.#pattern.matches(topic);
      this.#lastTopic = topic;
    }
    return this.#lastAnswer;
  }
}

export const topicNameMatchesExamples: readonly PredicateExample[] = [
  { summary: 'the whole topic matches', predicate: TopicNameMatches, config: { pattern: 'ord.*' }, have: { topic: 'orders' }, want: true },
  { summary: 'a part is not enough', predicate: TopicNameMatches, config: { pattern: 'ord' }, have: { topic: 'orders' }, want: false },
];

export const topicNameMatchesManifest = predicateManifest('TopicNameMatches', 'topic-name-matches', OVERVIEW, CONFIG, TopicNameMatches);
