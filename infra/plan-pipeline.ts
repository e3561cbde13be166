import { readConfigFile } from '../lib/config/files.ts';
import { effectiveTrigger, LAMBDA_CONFIG_DEF } from '../lib/config/lambda-keys.ts';
import type { ConnectorDefinition, Pipeline } from '../lib/config/pipeline-file.ts';
import { type ConfigProblem, InvalidConfigException, isUsable } from '../lib/config/problems.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';
import { ConfigException } from '../lib/core/errors.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { createPluginResolver, type PluginResolver } from '../lib/plugins/plugin-resolver.ts';
import type { ConnectorPlan } from './connector-plan.ts';
import { listOf, namedPlugins, ownPlugins } from './named-plugins.ts';
import { networkProblems } from './network-problems.ts';
import { refusals } from './refusals.ts';

/** A pipeline file, checked. */
export interface PipelinePlan {
  readonly pipeline: Pipeline;
  readonly connectors: readonly ConnectorPlan[];
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
  const problems = networkProblems(pipeline);
  const own = await ownPlugins([pipeline.worker, ...pipeline.connectors.map(({ config }) => config)], read.folder);
  const resolver = createPluginResolver(registry, own);
  const connectors = pipeline.connectors.flatMap((connector, index) => {
    const found: ConfigProblem[] = [];
    const plan = planConnector(connector, pipeline.worker, resolver, found);
    problems.push(...found.map((problem) => ({ ...problem, where: `connectors[${index}] (${connector.name})` })));
    return plan === null ? [] : [plan];
  });
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

function planConnector(
  { name, config, initialState }: ConnectorDefinition,
  worker: ConnectorProps,
  resolver: PluginResolver,
  problems: ConfigProblem[],
): ConnectorPlan | null {
  const { connector: manifest, plugins } = namedPlugins(config, worker, resolver, problems);
  for (const { name: key, errorMessages } of LAMBDA_CONFIG_DEF.validate(config)) {
    for (const message of errorMessages)
      problems.push({ severity: 'error', where: '', key, value: config[key] ?? null, message, remedy: null });
  }
  if (manifest === null || problems.length > 0) return null;
  const lambda = LAMBDA_CONFIG_DEF.parse(config);
  const trigger = effectiveTrigger(manifest.kind, config, manifest);
  const timeoutMs = (lambda.get('lambda.timeout.ms') as number | null) ?? (trigger === 'event' ? EVENT_TIMEOUT_MS : TICK_TIMEOUT_MS);
  const topics = manifest.kind === 'sink' ? listOf(config.topics) : [];
  const tasksMax = Number(config['tasks.max'] ?? 1);
  const plan = { name, config, initialState, worker, manifest, plugins, lambda, trigger, timeoutMs, topics, tasksMax };
  problems.push(...refusals(plan));
  return plan;
}
