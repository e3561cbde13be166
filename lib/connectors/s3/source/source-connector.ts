import type { ConfigDef } from '../../../core/config/config-def.ts';
import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { ConnectException } from '../../../core/errors.ts';
import type { SourceConnector, SourceTask } from '../../../core/source.ts';
import type { SourceOffset, SourcePartition } from '../../../core/source-record.ts';
import { sourceConfigDef } from '../source-config.ts';
import { VERSION } from '../version.ts';
import { readOffset } from './object-offset.ts';
import { sourceSettings, TASK_COUNT, TASK_INDEX } from './source-settings.ts';
import { S3SourceTask } from './source-task.ts';
import { validateSource } from './validate-source.ts';

/** Connector of the S3 source: every task lists the bucket and reads its share, found by the hash of what it is. */
export class S3SourceConnector implements SourceConnector {
  #props: ConnectorProps = {};

  version(): string {
    return VERSION;
  }

  initialize(): void {}

  start(props: ConnectorProps): void {
    // Throws what is wrong with the configuration now, once, and not in every task.
    sourceSettings(props);
    this.#props = props;
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, (_, index) => ({
      ...this.#props,
      [TASK_INDEX]: String(index),
      [TASK_COUNT]: String(maxTasks),
    }));
  }

  stop(): void {}

  config(): ConfigDef {
    return sourceConfigDef;
  }

  validate(props: ConnectorProps): ConfigValidation {
    return validateSource(props);
  }

  taskClass(): new () => SourceTask {
    return S3SourceTask;
  }

  /** Every offset says exactly behind which record of which version of an object it stands. */
  exactlyOnceSupport(): 'SUPPORTED' {
    return 'SUPPORTED';
  }

  /** Takes `{folder}` (and `partition`) or `{file}` with `lastFileRead`, `fileOffset`, `eof`; null resets. */
  alterOffsets(_props: ConnectorProps, offsets: ReadonlyMap<SourcePartition, SourceOffset | null>): boolean {
    for (const [partition, offset] of offsets) {
      if (typeof partition.folder !== 'string' && typeof partition.file !== 'string') {
        throw new ConnectException("Partition objects should contain the key 'folder' or the key 'file'");
      }
      readOffset(offset);
    }
    return true;
  }
}
