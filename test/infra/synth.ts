import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { ConnectorBundle } from '../../infra/constructs/connector-bundle.ts';
import type { Pipeline } from '../../infra/constructs/pipeline.ts';
import { PipelineStack } from '../../infra/pipeline-stack.ts';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { type PreparedPipeline, preparePipeline } from '../../infra/prepare-pipeline.ts';
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
  return synthesised(await preparePipeline(resolve(ROOT, file), REGISTRY));
}

/** {@link synthesise} with functions that hold no code: where only the template is looked at, as bundling takes most of the time. */
export async function synthesiseTemplate(file: string): Promise<Synthesised> {
  const { connectors, pipeline } = await planPipeline(resolve(ROOT, file), REGISTRY);
  const bundle = (): ConnectorBundle => {
    const dir = mkdtempSync(join(tmpdir(), 'no-code-'));
    writeFileSync(join(dir, 'index.js'), '');
    return { dir, hash: '0'.repeat(64), bytes: 0, gzipBytes: 0, inputs: [] };
  };
  return synthesised({
    pipeline,
    connectors: connectors.map((plan) => ({ plan, bundle: bundle() })),
    configurationBundle: bundle(),
    controlBundle: pipeline.stack.control === false ? null : bundle(),
  });
}

function synthesised(prepared: PreparedPipeline): Synthesised {
  const app = new App();
  const stack = new PipelineStack(app, prepared);
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
