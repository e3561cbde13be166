import type { ConfigDef } from '../../../core/config/config-def.ts';
import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import type { SinkConnector, SinkTask } from '../../../core/sink.ts';
import { sinkConfigDef } from '../sink-config.ts';
import { VERSION } from '../version.ts';
import { sinkSettings } from './sink-settings.ts';
import { S3SinkTask } from './sink-task.ts';
import { validateSink } from './validate-sink.ts';

/** Connector of the S3 sink: every task has the same configuration, Kafka divides the partitions. */
export class S3SinkConnector implements SinkConnector {
  #props: ConnectorProps = {};

  version(): string {
    return VERSION;
  }

  initialize(): void {}

  start(props: ConnectorProps): void {
    // Throws what is wrong with the configuration now, once, and not in every task.
    sinkSettings(props);
    this.#props = props;
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props);
  }

  stop(): void {}

  config(): ConfigDef {
    return sinkConfigDef;
  }

  validate(props: ConnectorProps): ConfigValidation {
    return validateSink(props);
  }

  taskClass(): new () => SinkTask {
    return S3SinkTask;
  }

  /** Offsets live in the consumer group alone. */
  alterOffsets(): boolean {
    return true;
  }
}
