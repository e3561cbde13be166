import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type BuiltPipeline, buildPipeline } from '../../infra/build-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A pipeline file, built; templates are made once per file. */
export interface Synthesised extends BuiltPipeline {
  readonly template: Template;
  /** Resources of a type, by logical id. */
  resources(type: string): { id: string; properties: Record<string, unknown> }[];
  /** Source of the bundle that a function of the stack runs. */
  codeOf(connector: string): string;
}

/** Builds a pipeline file without the CDK CLI. `file` is relative to the project. */
export async function synthesise(file: string): Promise<Synthesised> {
  const app = new App();
  const built = await buildPipeline(app, join(ROOT, file), REGISTRY);
  const assembly = app.synth();
  const template = Template.fromStack(built.stack as Stack);
  const resources = (type: string) =>
    Object.entries(template.findResources(type)).map(([id, resource]) => ({
      id,
      properties: (resource.Properties ?? {}) as Record<string, unknown>,
    }));
  return {
    ...built,
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
