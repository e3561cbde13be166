import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Pipeline } from './constructs/pipeline.ts';
import type { PreparedPipeline } from './prepare-pipeline.ts';

/** A stack of its own for one pipeline file. */
export class PipelineStack extends Stack {
  readonly pipeline: Pipeline;

  constructor(scope: Construct, prepared: PreparedPipeline, props: StackProps = {}) {
    const { name } = prepared.pipeline;
    super(scope, name, { description: `pipeline ${name}, by serverless-connect`, ...props });
    // `Default` leaves no trace in logical ids.
    this.pipeline = new Pipeline(this, 'Default', { prepared });
  }
}
