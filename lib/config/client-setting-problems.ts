import { nearestNames } from '../core/config/did-you-mean.ts';
import { type ClientKind, honouredSettings, verdictOf } from '../kafka/client-settings.ts';
import { type ConfigProblem, didYouMean } from './problems.ts';
import { redactedValue } from './redaction.ts';

/** What a prefix of keys is for. */
export interface ClientPrefix {
  readonly prefix: string;
  readonly client: ClientKind;
}

const KINDS = ['producer', 'consumer', 'admin'] as const;

/** `producer.override.` and so on, of a connector. */
export const OVERRIDE_PREFIXES: readonly ClientPrefix[] = KINDS.map((client) => ({ prefix: `${client}.override.`, client }));
/** `producer.` and so on, of a worker. */
export const WORKER_PREFIXES: readonly ClientPrefix[] = KINDS.map((client) => ({ prefix: `${client}.`, client }));

/**
 * What the Kafka client makes of settings given under prefixes: those it cannot meet are errors, those that mean nothing here are warnings with the
 * reason, those that no client of Kafka's knows are `unknown`.
 */
export function clientSettingProblems(
  props: Readonly<Record<string, string>>,
  prefixes: readonly ClientPrefix[],
  { where, unknown }: { readonly where: string; readonly unknown: ConfigProblem['severity'] },
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [key, given] of Object.entries(props)) {
    const found = prefixes.find(({ prefix }) => key.startsWith(prefix) && key.length > prefix.length);
    if (found === undefined) continue;
    const setting = key.slice(found.prefix.length);
    const verdict = verdictOf(found.client, setting);
    const value = redactedValue(key, given);
    if (verdict === null) {
      const near = didYouMean(nearestNames(setting, honouredSettings(found.client)));
      problems.push({ severity: unknown, where, key, value, message: `no setting of a Kafka ${found.client}`, remedy: near });
    } else if (verdict.verdict === 'refused') {
      problems.push({ severity: 'error', where, key, value, message: `cannot be met: ${verdict.why}`, remedy: null });
    } else if (verdict.verdict === 'ignored') {
      problems.push({ severity: 'warning', where, key, value, message: `has no effect here: ${verdict.why}`, remedy: null });
    }
  }
  return problems;
}
