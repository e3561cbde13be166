import { type FileHandle, open } from 'node:fs/promises';
import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ConnectorProps } from '../../core/connector.ts';
import { javaToString } from '../../core/data/java-text.ts';
import { ConnectException } from '../../core/errors.ts';
import type { SinkConnector, SinkTask } from '../../core/sink.ts';
import type { SinkRecord } from '../../core/sink-record.ts';
import { FILE, fileSinkConfigDef } from './config.ts';
import { VERSION } from './version.ts';

/** FileStreamSink: each value as one line, to a file or the standard output. */
export class FileStreamSinkConnector implements SinkConnector {
  #props: ConnectorProps = {};

  version(): string {
    return VERSION;
  }

  initialize(): void {}

  start(props: ConnectorProps): void {
    fileSinkConfigDef.parse(props);
    this.#props = props;
  }

  taskConfigs(maxTasks: number): ConnectorProps[] {
    return Array.from({ length: maxTasks }, () => this.#props);
  }

  stop(): void {}

  config(): ConfigDef {
    return fileSinkConfigDef;
  }

  taskClass(): new () => SinkTask {
    return FileStreamSinkTask;
  }

  /** Offsets live in the consumer group alone. */
  alterOffsets(): boolean {
    return true;
  }
}

/** Appends lines; one write per `put`. */
export class FileStreamSinkTask implements SinkTask {
  #file: FileHandle | null = null;

  version(): string {
    return VERSION;
  }

  initialize(): void {}

  async start(props: ConnectorProps): Promise<void> {
    const path = fileSinkConfigDef.parse(props).getString(FILE);
    if (path === null) return;
    try {
      this.#file = await open(path, 'a');
    } catch (error) {
      throw new ConnectException(`Couldn't find or create file '${path}' for FileStreamSinkTask`, { cause: error });
    }
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    let text = '';
    for (const { value, valueSchema } of records) text += `${javaToString(value, valueSchema)}\n`;
    if (this.#file === null) process.stdout.write(text);
    else await this.#file.appendFile(text, 'utf8');
  }

  async flush(): Promise<void> {
    await this.#file?.datasync().catch((error: NodeJS.ErrnoException) => {
      // A pipe or a device (/dev/null) has nothing to sync.
      if (error.code !== 'EINVAL') throw error;
    });
  }

  async stop(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}
