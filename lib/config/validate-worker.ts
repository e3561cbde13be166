import type { ConfigValue } from '../core/config/config-def.ts';
import { nearestNames } from '../core/config/did-you-mean.ts';
import { verdictOf } from '../kafka/client-settings.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { clientSettingProblems, WORKER_PREFIXES } from './client-setting-problems.ts';
import { converterConfig } from './converter-config.ts';
import { type ConfigProblem, didYouMean } from './problems.ts';
import { redactedValue, withoutSecret } from './redaction.ts';
import { variablesIn } from './variables.ts';
import { MEANINGLESS_WORKER_KEYS, OPEN_WORKER_PREFIXES, workerConfigDef } from './worker-config.ts';

/** A worker's configuration, and how strictly to judge it. */
export interface WorkerToValidate {
  /** Names the part of the file in problems, e.g. `worker`. */
  readonly where: string;
  readonly worker: Readonly<Record<string, string>>;
  readonly resolver: PluginResolver;
  readonly unknownKeys: 'refuse' | 'warn';
  /** False where every connector names its own: then a missing converter is no mistake. */
  readonly convertersRequired: boolean;
}

/** Every mistake in a worker's configuration. Values with variables are not judged; keys of Kafka Connect that mean nothing here are warnings. */
export function validateWorker(request: WorkerToValidate): ConfigProblem[] {
  const { where, worker, resolver } = request;
  const unknown = request.unknownKeys === 'refuse' ? 'error' : 'warning';
  const def = workerConfigDef(resolver);
  const problems: ConfigProblem[] = [];
  const add = (severity: ConfigProblem['severity'], key: string, message: string, remedy: string | null) => {
    const given = worker[key];
    const value = given === undefined ? null : redactedValue(key, given, { defs: [def] });
    problems.push({ severity, where, key, value, message: withoutSecret(message, key, given, { defs: [def] }), remedy });
  };
  for (const value of [...def.validate(worker), ...converterValues(worker, resolver)]) {
    const given = worker[value.name];
    const [message] = value.errorMessages;
    if (message === undefined || (given !== undefined && variablesIn(given).length > 0)) continue;
    if (given === undefined && /^(?:key|value)\.converter$/.test(value.name) && !request.convertersRequired) continue;
    const near = def.keys.get(value.name)?.type === 'CLASS' && given !== undefined ? resolver.nearest('converter', given.trim()) : [];
    add('error', value.name, message, didYouMean(near) ?? (given === undefined ? (def.keys.get(value.name)?.doc ?? null) : null));
  }
  for (const { manifest, role, settings } of workerConverters(worker, resolver)) {
    for (const refusal of manifest.refusals?.(settings) ?? []) {
      const key = `${role}.converter.${refusal.key}`;
      if (variablesIn(worker[key] ?? '').length === 0) add('error', key, refusal.message, null);
    }
  }
  for (const key of Object.keys(worker)) {
    if (def.keys.has(key)) continue;
    const meaningless = MEANINGLESS_WORKER_KEYS.get(key);
    if (meaningless !== undefined) add('warning', key, `has no effect here: ${meaningless}`, null);
    else if (!OPEN_WORKER_PREFIXES.some((prefix) => key.startsWith(prefix)) && verdictOf('admin', key) === null) {
      add(unknown, key, 'unknown key of a worker', didYouMean(nearestNames(key, [...def.keys.keys(), ...MEANINGLESS_WORKER_KEYS.keys()])));
    }
  }
  problems.push(...clientSettingProblems(worker, WORKER_PREFIXES, { where, unknown }));
  return problems;
}

/** The converters' own keys, under the names they have in the worker. */
function converterValues(worker: Readonly<Record<string, string>>, resolver: PluginResolver): ConfigValue[] {
  return workerConverters(worker, resolver).flatMap(({ manifest, role, settings }) => {
    const values = manifest.configDef.validate({ 'converter.type': role, ...settings });
    return values.map((value) => ({ ...value, name: `${role}.converter.${value.name}` }));
  });
}

function workerConverters(worker: Readonly<Record<string, string>>, resolver: PluginResolver) {
  return (['key', 'value', 'header'] as const).flatMap((role) => {
    const { className, settings } = converterConfig(role, {}, worker);
    const manifest = className === null ? null : resolver.find(role === 'header' ? 'header-converter' : 'converter', className);
    return manifest === null ? [] : [{ manifest, role, settings }];
  });
}
