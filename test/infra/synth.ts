import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Pipeline } from '../../infra/constructs/pipeline.ts';
import { PipelineStack } from '../../infra/pipeline-stack.ts';
import { preparePipeline } from '../../infra/prepare-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A pipeline file, built; templates are made once per file. */
export interface Synthesised {
  readonly stack: PipelineStack;
  readonly bundles: Pipeline['bundles'];
  readonly template: Template;
  /** Resources of a type, by logical id. */
  resources(type: string): { id: string; properties: Record<string, unknown> }[];
  /** Source of the bundle that a function of the stack runs. */
  codeOf(connector: string): string;
}

/** Builds a pipeline file without the CDK CLI. `file` is relative to the project, or absolute. */
export async function synthesise(file: string): Promise<Synthesised> {
  const app = new App();
  const stack = new PipelineStack(app, await preparePipeline(resolve(ROOT, file), REGISTRY));
  const assembly = app.synth();
  const template = Template.fromStack(stack);
  const resources = (type: string) =>
    Object.entries(template.findResources(type)).map(([id, resource]) => ({
      id,
      properties: (resource.Properties ?? {}) as Record<string, unknown>,
    }));
  return {
    stack,
    bundles: stack.pipeline.bundles,
    template,
    resources,
    codeOf(connector) {
      const found = resources('AWS::Lambda::Function').find(({ properties }) => {
        const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
        return Variables?.SERVERLESS_CONNECT_CONNECTOR === connector;
      });
      const { S3Key = '' } = (found?.properties.Code ?? {}) as { S3Key?: string };
      return readFileSync(join(assembly.directory, `asset.${S3Key.replace('.zip', '')}`, 'index.js'), 'utf8');
    },
  };
}
