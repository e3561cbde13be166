import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAMBDA_CONFIG_DEF } from '../lib/config/lambda-keys.ts';
import type { Pipeline } from '../lib/config/pipeline-file.ts';
import { type ConfigProblem, InvalidConfigException } from '../lib/config/problems.ts';
import { ConfigException } from '../lib/core/errors.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { type CheckedPlan, type ConnectorPlan, deadLetterTopicOf } from './connector-plan.ts';
import type { FunctionKind } from './constructs/bundle-entry.ts';
import { bundleConfigurationFunction, bundleConnector, type ConnectorBundle } from './constructs/connector-bundle.ts';
import { bundleControlFunction } from './constructs/control-bundle.ts';
import { physicalName } from './constructs/physical-name.ts';
import { deploymentPolicy } from './fixed-keys.ts';
import { planPipeline } from './plan-pipeline.ts';

/** A pipeline file, checked, with its functions bundled: all that constructs are made from. */
export interface PreparedPipeline {
  readonly pipeline: Pipeline;
  readonly connectors: readonly { readonly plan: ConnectorPlan; readonly bundle: ConnectorBundle }[];
  /** The function that writes configurations. */
  readonly configurationBundle: ConnectorBundle;
  /** The REST API; null = the file wants none. */
  readonly controlBundle: ConnectorBundle | null;
}

/** Checks a pipeline file and bundles its functions into temporary folders. Throws ConfigException, or Error when a module cannot be bundled. */
export async function preparePipeline(file: string, registry: PluginRegistry): Promise<PreparedPipeline> {
  const { pipeline, connectors: plans } = await planPipeline(file, registry);
  const bundles = await bundlesOf(file, plans);
  const [configurationBundle, controlBundle] = await Promise.all([
    bundleConfigurationFunction(),
    pipeline.stack.control === false ? null : bundleControl(file, pipeline, plans),
  ]);
  const connectors = plans.map((plan, index) => ({ plan, bundle: bundles[index] as ConnectorBundle }));
  return { pipeline, connectors, configurationBundle, controlBundle };
}

const PROCESS = fileURLToPath(new URL(`./prepare-pipeline-process${extname(import.meta.url)}`, import.meta.url));

/**
 * {@link preparePipeline} for constructors, which cannot wait: plug-ins are imported and esbuild runs in a process of its own (about a
 * second). Throws ConfigException with every mistake of the file.
 */
export function preparePipelineSync(file: string): PreparedPipeline {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-prepare-'));
  const output = join(folder, 'prepared.json');
  try {
    const { status, error } = spawnSync(process.execPath, [PROCESS, file, output], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`preparing ${file} ended with ${status}`);
    const answer = JSON.parse(readFileSync(output, 'utf8')) as { prepared: PreparedPipeline } | { refused: string };
    if ('refused' in answer) throw new ConfigException(answer.refused, { code: 'invalid-config' });
    return revived(answer.prepared);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes what {@link preparePipelineSync} reads; the parts of a plan that are no data are left out. */
export async function prepareInto(output: string, file: string, registry: PluginRegistry): Promise<void> {
  const answer = await preparePipeline(file, registry).then(
    (prepared) => ({
      prepared: { ...prepared, connectors: prepared.connectors.map(({ plan, bundle }) => ({ plan: asData(plan), bundle })) },
    }),
    (error: unknown) => {
      if (error instanceof ConfigException) return { refused: error.message };
      throw error;
    },
  );
  writeFileSync(output, JSON.stringify(answer));
}

function asData({ manifest: { kind, className, connectionsPerTask }, plugins, lambda: _, ...data }: ConnectorPlan): object {
  return {
    ...data,
    manifest: { kind, className, ...(connectionsPerTask === undefined ? {} : { connectionsPerTask }) },
    plugins: plugins.map((plugin) => ({ kind: plugin.kind, className: plugin.className })),
  };
}

function revived(prepared: PreparedPipeline): PreparedPipeline {
  const connectors = prepared.connectors.map(({ plan, bundle }) => ({
    bundle,
    plan: { ...plan, lambda: LAMBDA_CONFIG_DEF.parse(plan.config) },
  }));
  return { ...prepared, connectors };
}

/** Removes the folders of the bundles: when a stack is made its assets are in the assembly. */
export function removeBundles({ connectors, configurationBundle, controlBundle }: PreparedPipeline): void {
  const control = controlBundle === null ? [] : [controlBundle];
  for (const { dir } of [configurationBundle, ...control, ...connectors.map(({ bundle }) => bundle)])
    rmSync(dir, { recursive: true, force: true });
}

/** The REST API knows the plug-ins of the file and no other. */
function bundleControl(file: string, pipeline: Pipeline, plans: readonly CheckedPlan[]): Promise<ConnectorBundle> {
  const clients = plans.map(({ config, manifest }) => manifest.clientModules?.(config) ?? null);
  const named = relative(process.cwd(), file);
  return bundleControlFunction({
    plugins: [...new Set(plans.flatMap(({ plugins }) => plugins))],
    clientModules: clients.includes(null) ? null : [...new Set(clients.flatMap((modules) => modules ?? []))].sort(),
    // Paths of the machine that builds have no business in a bundle.
    deployment: deploymentPolicy(named.startsWith('..') ? basename(file) : named, plans, pipeline.worker),
    functions: Object.fromEntries(plans.map(({ name }) => [name, physicalName([pipeline.name, name])])),
  });
}

/** Bundles every connector; what cannot be bundled is told together. */
async function bundlesOf(file: string, plans: readonly CheckedPlan[]): Promise<ConnectorBundle[]> {
  const outcomes = await Promise.allSettled(plans.map(bundleOf));
  const problems = outcomes.flatMap((outcome, index): ConfigProblem[] => {
    if (outcome.status === 'fulfilled') return [];
    const config = plans[index]?.config ?? {};
    return [
      {
        severity: 'error',
        where: `connectors[${index}] (${plans[index]?.name})`,
        key: 'connector.class',
        value: config['connector.class'] ?? null,
        message: `cannot be bundled: ${bundleFailure(outcome.reason)}`,
        remedy: null,
      },
    ];
  });
  const bundles = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (problems.length === 0) return bundles;
  for (const { dir } of bundles) rmSync(dir, { recursive: true, force: true });
  throw new InvalidConfigException(file, problems);
}

/** esbuild's first finding, and for native modules what it means. */
function bundleFailure(reason: unknown): string {
  const [first] = (reason as { errors?: readonly { text: string; location: { file: string } | null }[] }).errors ?? [];
  if (first === undefined) return reason instanceof Error ? reason.message : String(reason);
  const native = /"[^"]*\.node".*?([^/\\]+\.node)$/.exec(first.text)?.[1];
  if (native !== undefined) return `it needs a native module (${native}), which no bundle for Lambda can carry`;
  return first.location === null ? first.text : `${first.text} (${first.location.file})`;
}

function bundleOf(plan: CheckedPlan): Promise<ConnectorBundle> {
  const kind: FunctionKind = plan.manifest.kind === 'source' ? 'source' : plan.trigger === 'event' ? 'sink-batch' : 'sink-tick';
  return bundleConnector({
    kind,
    plugins: plan.plugins,
    clientModules: plan.manifest.clientModules?.(plan.config) ?? null,
    kafkaClient: kind !== 'sink-batch' || deadLetterTopicOf(plan) !== null,
  });
}
