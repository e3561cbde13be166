import { Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type PreparedPipeline, preparePipelineSync, removeBundles } from '../prepare-pipeline.ts';
import { ConnectState } from './connect-state.ts';
import type { ConnectorBundle } from './connector-bundle.ts';
import { ConnectorConfigurations } from './connector-configuration.ts';
import { ControlApi } from './control-api.ts';
import { KafkaAccess } from './kafka-access.ts';
import { Monitoring } from './monitoring.ts';
import { logicalPart } from './physical-name.ts';
import { SinkConnector } from './sink-connector.ts';
import { SourceConnector } from './source-connector.ts';
import { Undelivered } from './undelivered.ts';

/** Either a pipeline file, or what {@link preparePipeline} made of one. */
export type PipelineProps = { readonly file: string } | { readonly prepared: PreparedPipeline };

/** Everything that one pipeline file deploys, in any stack. Throws ConfigException with every mistake of the file. */
export class Pipeline extends Construct {
  readonly pipelineName: string;
  readonly state: ConnectState;
  /** By name of the connector. */
  readonly connectors: ReadonlyMap<string, SourceConnector | SinkConnector>;
  /** Ticks and events that came to nothing. */
  readonly undelivered: Undelivered;
  readonly configurations: ConnectorConfigurations;
  /** null = `stack.control` is false. */
  readonly control: ControlApi | null;
  readonly monitoring: Monitoring;
  /** What is in the functions, by connector. */
  readonly bundles: ReadonlyMap<string, Omit<ConnectorBundle, 'dir'>>;

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const prepared = 'prepared' in props ? props.prepared : preparePipelineSync(props.file);
    const { pipeline } = prepared;
    this.pipelineName = pipeline.name;
    for (const [key, value] of Object.entries(pipeline.stack.tags ?? {})) Tags.of(this).add(key, value);
    this.state = new ConnectState(this, 'State');
    this.undelivered = new Undelivered(this, 'Undelivered');
    const { state, undelivered } = this;
    const kafka = new KafkaAccess(this, pipeline.worker, pipeline.stack);
    const connectors = new Map<string, SourceConnector | SinkConnector>();
    for (const { plan, bundle } of prepared.connectors) {
      const Connector = plan.manifest.kind === 'source' ? SourceConnector : SinkConnector;
      connectors.set(plan.name, new Connector(this, `Connector${logicalPart(plan.name)}`, { plan, bundle, state, kafka, undelivered }));
    }
    this.connectors = connectors;
    this.configurations = new ConnectorConfigurations(this, 'Configurations', {
      pipeline: pipeline.name,
      plans: prepared.connectors.map(({ plan }) => plan),
      bundle: prepared.configurationBundle,
      state,
    });
    for (const [name, { starters, worker }] of connectors) {
      // A refused rename leaves the running code as it is.
      worker.function.node.addDependency(this.configurations.names);
      const written = this.configurations.resources.get(name);
      if (written !== undefined) for (const starter of starters) starter.node.addDependency(written);
    }
    this.control =
      prepared.controlBundle === null
        ? null
        : new ControlApi(this, 'Control', {
            pipeline: pipeline.name,
            worker: pipeline.worker,
            plans: prepared.connectors.map(({ plan }) => plan),
            connectors,
            bundle: prepared.controlBundle,
            state,
            kafka,
          });
    this.monitoring = new Monitoring(this, 'Monitoring', {
      pipeline: pipeline.name,
      plans: prepared.connectors.map(({ plan }) => plan),
      connectors,
      undelivered,
      alarmsTopic: pipeline.stack.alarmsTopic ?? null,
    });
    this.bundles = new Map(prepared.connectors.map(({ plan, bundle }) => [plan.name, bundle]));
    removeBundles(prepared);
  }

  /** A source connector by name. Throws Error for a name that is none. */
  source(name: string): SourceConnector {
    const found = this.connectors.get(name);
    if (found instanceof SourceConnector) return found;
    throw new Error(
      `pipeline ${this.pipelineName} has no source connector '${name}'; connectors: ${[...this.connectors.keys()].join(', ')}`,
    );
  }

  /** A sink connector by name. Throws Error for a name that is none. */
  sink(name: string): SinkConnector {
    const found = this.connectors.get(name);
    if (found instanceof SinkConnector) return found;
    throw new Error(`pipeline ${this.pipelineName} has no sink connector '${name}'; connectors: ${[...this.connectors.keys()].join(', ')}`);
  }
}
