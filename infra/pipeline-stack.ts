import { Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Pipeline } from '../lib/config/pipeline-file.ts';
import type { ConnectorPlan } from './connector-plan.ts';
import { ConnectState } from './constructs/connect-state.ts';
import type { ConnectorBundle } from './constructs/connector-bundle.ts';
import { ConnectorConfigurations } from './constructs/connector-configuration.ts';
import { KafkaAccess } from './constructs/kafka-access.ts';
import { logicalPart } from './constructs/physical-name.ts';
import { SinkConnector } from './constructs/sink-connector.ts';
import { SourceConnector } from './constructs/source-connector.ts';

export interface PipelineStackProps {
  readonly pipeline: Pipeline;
  readonly connectors: readonly { readonly plan: ConnectorPlan; readonly bundle: ConnectorBundle }[];
  /** The function that writes configurations. */
  readonly configurationBundle: ConnectorBundle;
}

/** Everything that one pipeline file deploys. */
export class PipelineStack extends Stack {
  readonly state: ConnectState;
  readonly connectors: ReadonlyMap<string, SourceConnector | SinkConnector>;

  constructor(scope: Construct, props: PipelineStackProps) {
    const { pipeline } = props;
    super(scope, pipeline.name, { description: `pipeline ${pipeline.name}, by serverless-connect` });
    for (const [key, value] of Object.entries(pipeline.stack.tags ?? {})) Tags.of(this).add(key, value);
    this.state = new ConnectState(this, 'State');
    const kafka = new KafkaAccess(this, pipeline.worker, pipeline.stack);
    const connectors = new Map<string, SourceConnector | SinkConnector>();
    for (const { plan, bundle } of props.connectors) {
      const Connector = plan.manifest.kind === 'source' ? SourceConnector : SinkConnector;
      connectors.set(plan.name, new Connector(this, `Connector${logicalPart(plan.name)}`, { plan, bundle, state: this.state, kafka }));
    }
    this.connectors = connectors;
    const configurations = new ConnectorConfigurations(this, 'Configurations', {
      plans: props.connectors.map(({ plan }) => plan),
      bundle: props.configurationBundle,
      state: this.state,
    });
    for (const [name, { starters }] of connectors) {
      const written = configurations.resources.get(name);
      if (written !== undefined) for (const starter of starters) starter.node.addDependency(written);
    }
  }
}
