import type { ConfigDef } from '../../../core/config/config-def.ts';
import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import type { KeptOffset, SinkConnector, SinkTask } from '../../../core/sink.ts';
import { sinkConfigDef } from '../sink-config.ts';
import { VERSION } from '../version.ts';
import { readKeptOffsets, writeKeptOffsets } from './offsets-by-hand.ts';
import { sinkSettings } from './sink-settings.ts';
import { JdbcSinkTask } from './sink-task.ts';
import { validateSink } from './validate-sink.ts';

/** Connector of the JDBC sink: every task has the same configuration, Kafka divides the partitions. */
export class JdbcSinkConnector implements SinkConnector {
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

  async validate(props: ConnectorProps): Promise<ConfigValidation> {
    return await validateSink(props);
  }

  taskClass(): new () => SinkTask {
    return JdbcSinkTask;
  }

  /** Offsets live in the consumer group, and in the target where it keeps them. */
  alterOffsets(): boolean {
    return true;
  }

  async keptOffsets(props: ConnectorProps): Promise<readonly KeptOffset[] | null> {
    return await readKeptOffsets(props);
  }

  async setKeptOffsets(props: ConnectorProps, offsets: readonly KeptOffset[]): Promise<void> {
    await writeKeptOffsets(props, offsets);
  }
}
