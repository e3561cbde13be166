import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import type { SinkConnector, SinkTask } from '../../../lib/core/sink.ts';
import type { SinkRecord } from '../../../lib/core/sink-record.ts';
import { manifestOfClass } from '../../../lib/plugins/module-plugins.ts';
import { valuesOf } from './fakes.ts';

/** A sink connector whose tasks hand what they get to the test. */
export function collectingSink(name: string, onPut: (records: readonly SinkRecord[]) => void | Promise<void>) {
  class CollectingTask implements SinkTask {
    version = () => '1';
    initialize = () => undefined;
    start = () => undefined;
    stop = () => undefined;
    async put(records: readonly SinkRecord[]): Promise<void> {
      await onPut(records);
    }
  }
  class CollectingConnector implements SinkConnector {
    #props: ConnectorProps = {};
    version = () => '1';
    initialize = () => undefined;
    stop = () => undefined;
    start(props: ConnectorProps): void {
      this.#props = props;
    }
    taskClass = () => CollectingTask;
    config = () => new ConfigDef();
    taskConfigs(maxTasks: number): ConnectorProps[] {
      return Array.from({ length: maxTasks }, () => this.#props);
    }
  }
  return manifestOfClass(name, CollectingConnector, 'test', 'CollectingConnector');
}

/** Appends the values of each batch to a list. */
export function into(values: unknown[]): (records: readonly SinkRecord[]) => void {
  return (records) => values.push(...valuesOf(records));
}
