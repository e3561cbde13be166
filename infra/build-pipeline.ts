import { rmSync } from 'node:fs';
import type { Construct } from 'constructs';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { type ConnectorPlan, deadLetterTopicOf } from './connector-plan.ts';
import type { FunctionKind } from './constructs/bundle-entry.ts';
import { bundleConfigurationFunction, bundleConnector, type ConnectorBundle } from './constructs/connector-bundle.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { planPipeline } from './plan-pipeline.ts';

/** What one pipeline file became. */
export interface BuiltPipeline {
  readonly stack: PipelineStack;
  /** Bundles by connector. */
  readonly bundles: ReadonlyMap<string, Omit<ConnectorBundle, 'dir'>>;
}

/** Plans a pipeline file, bundles its functions and adds its stack. Throws ConfigException, or Error when a module cannot be bundled. */
export async function buildPipeline(scope: Construct, file: string, registry: PluginRegistry): Promise<BuiltPipeline> {
  const { pipeline, connectors: plans } = await planPipeline(file, registry);
  const [configurationBundle, ...bundles] = await Promise.all([bundleConfigurationFunction(), ...plans.map(bundleOf)]);
  const connectors = plans.map((plan, index) => ({ plan, bundle: bundles[index] as ConnectorBundle }));
  const stack = new PipelineStack(scope, { pipeline, connectors, configurationBundle });
  // The stack has copied them into its assembly.
  for (const { dir } of [configurationBundle, ...connectors.map(({ bundle }) => bundle)]) rmSync(dir, { recursive: true, force: true });
  return { stack, bundles: new Map(connectors.map(({ plan, bundle }) => [plan.name, bundle])) };
}

function bundleOf(plan: ConnectorPlan): Promise<ConnectorBundle> {
  const kind: FunctionKind = plan.manifest.kind === 'source' ? 'source' : plan.trigger === 'event' ? 'sink-batch' : 'sink-tick';
  return bundleConnector({
    kind,
    plugins: plan.plugins,
    clientModules: plan.manifest.clientModules?.(plan.config) ?? null,
    kafkaClient: kind !== 'sink-batch' || deadLetterTopicOf(plan) !== null,
  });
}
