import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ConfigException } from '../lib/core/errors.ts';
import { REGISTRY } from '../lib/plugins/registry.generated.ts';
import { appProblems } from './app-problems.ts';
import { costReport } from './monthly-cost.ts';
import { networkNeeds, networkReport } from './network-needs.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { type PreparedPipeline, preparePipeline } from './prepare-pipeline.ts';

// One stack per pipeline file of a folder: infra/pipelines, or --context pipelines=DIR.
const app = new App();
const folder = resolve(app.node.tryGetContext('pipelines') ?? join(import.meta.dirname, 'pipelines'));
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const pipelines: PreparedPipeline[] = [];
const refused: string[] = files.length === 0 ? [`${folder} holds no pipeline file (*.json)`] : [];
for (const file of files.sort()) {
  try {
    pipelines.push(await preparePipeline(join(folder, file), REGISTRY));
  } catch (error) {
    if (!(error instanceof ConfigException)) throw error;
    refused.push(error.message);
  }
}
refused.push(...appProblems(pipelines));
for (const message of refused) console.error(message);
if (refused.length > 0) process.exit(1);
for (const prepared of pipelines) {
  // Not to standard output: the CDK prints the template there.
  console.error(costReport(prepared.pipeline.name, prepared.connectors));
  const plans = prepared.connectors.map(({ plan }) => plan);
  const network = networkReport(prepared.pipeline.name, networkNeeds(prepared.pipeline, plans));
  if (network !== '') console.error(network);
  new PipelineStack(app, prepared);
}
app.synth();
