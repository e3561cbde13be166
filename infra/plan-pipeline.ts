import { readConfigFile } from '../lib/config/files.ts';
import { effectiveTrigger, LAMBDA_CONFIG_DEF } from '../lib/config/lambda-keys.ts';
import type { ConnectorDefinition, Pipeline } from '../lib/config/pipeline-file.ts';
import { type ConfigProblem, InvalidConfigException, isUsable } from '../lib/config/problems.ts';
import { validateConnector } from '../lib/config/validate-connector.ts';
import { validateWorker } from '../lib/config/validate-worker.ts';
import { ConfigException } from '../lib/core/errors.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { createPluginResolver, type PluginResolver } from '../lib/plugins/plugin-resolver.ts';
import type { CheckedPlan } from './connector-plan.ts';
import { fileKeyProblems } from './file-keys.ts';
import { listOf, namedPlugins, type OwnPlugins, ownPlugins, ownSpecifiers } from './named-plugins.ts';
import { networkProblems } from './network-problems.ts';
import { permissionNeeds } from './permission-needs.ts';
import { pollerProblems } from './poller-problems.ts';
import { referenceProblems } from './reference-problems.ts';
import { refusals } from './refusals.ts';

/** A pipeline file, checked. */
export interface PipelinePlan {
  readonly pipeline: Pipeline;
  readonly connectors: readonly CheckedPlan[];
}

const TICK_TIMEOUT_MS = 900_000;
/** A function behind a Kafka event source mapping may run no longer. */
const EVENT_TIMEOUT_MS = 840_000;

/** Reads a pipeline file into what its stack is built from. Throws ConfigException, with every mistake found (InvalidConfigException). */
export async function planPipeline(file: string, registry: PluginRegistry): Promise<PipelinePlan> {
  const read = await readConfigFile(file);
  if (read.kind !== 'pipeline') {
    throw new ConfigException(
      `cannot deploy ${file}: it is a ${read.kind} file; a stack is built from a pipeline, {"name", "worker", "connectors"}`,
      {
        code: 'not-a-pipeline',
      },
    );
  }
  const { pipeline } = read;
  const problems = [
    ...networkProblems(pipeline),
    ...fileKeyProblems('worker', pipeline.worker),
    ...referenceProblems('worker', pipeline.worker, pipeline.worker, null),
  ];
  const own = await ownPlugins([pipeline.worker, ...pipeline.connectors.map(({ config }) => config)], read.folder);
  const resolver = createPluginResolver(registry, own.loaded);
  const unknownKeys = pipeline.unknownKeys === 'allow' ? 'warn' : 'refuse';
  problems.push(...validateWorker({ where: 'worker', worker: pipeline.worker, resolver, unknownKeys, convertersRequired: true }));
  const connectors: CheckedPlan[] = [];
  for (const [index, connector] of pipeline.connectors.entries()) {
    const where = `connectors[${index}] (${connector.name})`;
    const unloaded = unloadedProblems(where, connector.config, own.failed);
    problems.push(...unloaded);
    if (unloaded.length > 0) continue;
    const plan = await planConnector(where, connector, pipeline, resolver, problems);
    if (plan !== null) connectors.push(plan);
  }
  if (connectors.some(({ manifest, trigger }) => manifest.kind === 'sink' && trigger === 'event'))
    problems.push(...pollerProblems(pipeline));
  if (connectors.length === 0 && isUsable(problems)) {
    problems.push({
      severity: 'error',
      where: '',
      key: 'connectors',
      value: null,
      message: 'there is no connector',
      remedy: 'name at least one',
    });
  }
  if (!isUsable(problems)) throw new InvalidConfigException(file, problems);
  return { pipeline, connectors };
}

/** Modules that cannot be loaded; the rest of such a connector cannot be judged. */
function unloadedProblems(where: string, config: ConnectorDefinition['config'], failed: OwnPlugins['failed']): ConfigProblem[] {
  return ownSpecifiers(config).flatMap(([key, value]) => {
    const message = failed.get(value);
    return message === undefined ? [] : [{ severity: 'error' as const, where, key, value, message, remedy: null }];
  });
}

async function planConnector(
  where: string,
  { name, config, initialState }: ConnectorDefinition,
  { name: pipelineName, worker, unknownKeys }: Pipeline,
  resolver: PluginResolver,
  problems: ConfigProblem[],
): Promise<CheckedPlan | null> {
  const validation = await validateConnector({
    where,
    config,
    worker,
    resolver,
    // Secrets are out of reach while a stack is built; keys that refer to one are not judged.
    providers: null,
    unknownKeys: unknownKeys === 'allow' ? 'warn' : 'refuse',
  });
  problems.push(...validation.problems, ...fileKeyProblems(where, config));
  const { manifest } = validation;
  problems.push(...referenceProblems(where, config, worker, manifest?.configDef ?? null));
  if (manifest === null || !isUsable(validation.problems)) return null;
  const plugins = namedPlugins(manifest, config, worker, resolver);
  const lambda = LAMBDA_CONFIG_DEF.parse(config);
  const trigger = effectiveTrigger(manifest.kind, config, manifest);
  const timeoutMs = (lambda.get('lambda.timeout.ms') as number | null) ?? (trigger === 'event' ? EVENT_TIMEOUT_MS : TICK_TIMEOUT_MS);
  const topics = manifest.kind === 'sink' ? listOf(config.topics) : [];
  const tasksMax = Number(config['tasks.max'] ?? 1);
  const needs = permissionNeeds(manifest, config, worker, resolver);
  const plan = {
    needs,
    name,
    pipeline: pipelineName,
    config,
    initialState,
    worker,
    manifest,
    plugins,
    lambda,
    trigger,
    timeoutMs,
    topics,
    tasksMax,
  };
  problems.push(...refusals(plan, Date.now()).map((problem) => ({ ...problem, where })));
  return plan;
}
