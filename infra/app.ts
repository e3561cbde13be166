import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ConfigException } from '../lib/core/errors.ts';
import { REGISTRY } from '../lib/plugins/registry.generated.ts';
import { costReport } from './monthly-cost.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { preparePipeline } from './prepare-pipeline.ts';

// One stack per pipeline file of a folder: infra/pipelines, or --context pipelines=DIR.
const app = new App();
const folder = resolve(app.node.tryGetContext('pipelines') ?? join(import.meta.dirname, 'pipelines'));
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
let refused = false;
for (const file of files.sort()) {
  try {
    const prepared = await preparePipeline(join(folder, file), REGISTRY);
    // Not to standard output: the CDK prints the template there.
    console.error(costReport(prepared.pipeline.name, prepared.connectors));
    new PipelineStack(app, prepared);
  } catch (error) {
    if (!(error instanceof ConfigException)) throw error;
    console.error(error.message);
    refused = true;
  }
}
if (files.length === 0) console.error(`${folder} holds no pipeline file (*.json)`);
if (refused || files.length === 0) process.exit(1);
app.synth();
