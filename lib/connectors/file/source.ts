import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ConnectorProps } from '../../core/connector.ts';
import { STRING_SCHEMA } from '../../core/data/schemas.ts';
import { ConnectException } from '../../core/errors.ts';
import type { SourceConnector, SourceTask, SourceTaskContext } from '../../core/source.ts';
import { type SourceOffset, type SourcePartition, SourceRecord } from '../../core/source-record.ts';
import { BATCH_SIZE, FILE, fileSourceConfigDef, TOPIC } from './config.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { VERSION } from './version.ts';

const READ_BYTES = 64 * 1024;
/** How long a task waits for a file that is missing, or for more lines; Apache's task waits a second. */
const WAIT_MS = 1000;

/** FileStreamSource: lines of one file, or of the standard input, into one topic. One task. */
export class FileStreamSourceConnector implements SourceConnector {
  #props: ConnectorProps = {};

  version(): string {
    return VERSION;
  }

  initialize(): void {}

  start(props: ConnectorProps): void {
    fileSourceConfigDef.parse(props);
    this.#props = props;
  }

  taskConfigs(): ConnectorProps[] {
    return [this.#props];
  }

  stop(): void {}

  config(): ConfigDef {
    return fileSourceConfigDef;
  }

  taskClass(): new () => SourceTask {
    return FileStreamSourceTask;
  }

  exactlyOnceSupport(props: ConnectorProps): 'SUPPORTED' | 'UNSUPPORTED' {
    return props[FILE] === undefined ? 'UNSUPPORTED' : 'SUPPORTED';
  }

  /** Takes `{filename}` with `{position}`, a whole number from 0; null resets. Refuses for the standard input, which has no position. */
  alterOffsets(props: ConnectorProps, offsets: ReadonlyMap<SourcePartition, SourceOffset | null>): boolean {
    if (props[FILE] === undefined)
      throw new ConnectException(
        "Offsets cannot be modified if the 'file' configuration is unspecified. The standard input has no positions",
      );
    for (const [partition, offset] of offsets) {
      if (offset === null) continue;
      if (!('position' in offset)) throw new ConnectException("Offset objects should either be null or contain the key 'position'");
      const { position } = offset;
      if (typeof position !== 'bigint' && !Number.isInteger(position))
        throw new ConnectException(`The value for the 'position' key in the offset is expected to be a Long value`);
      if (Number(position) < 0) throw new ConnectException("The value for the 'position' key in the offset should be a non-negative value");
      if (!('filename' in partition)) throw new ConnectException("Partition objects should contain the key 'filename'");
    }
    return true;
  }
}

/** Reads lines as they are appended. */
export class FileStreamSourceTask implements SourceTask {
  #context!: SourceTaskContext;
  #path: string | null = null;
  #topic = '';
  #batchSize = 0;
  #input: TextInput | null = null;
  #lines = new LineSplitter();
  /** null = the standard input. */
  #position: number | null = null;
  /** Characters to pass over before the first line, from the committed offset. */
  #skip = 0;

  version(): string {
    return VERSION;
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    const config = fileSourceConfigDef.parse(props);
    this.#path = config.getString(FILE);
    this.#topic = config.getText(TOPIC);
    this.#batchSize = config.getNumber(BATCH_SIZE);
    if (this.#path === null) return;
    const offset = await this.#context.offsetStorageReader().offset({ filename: this.#path });
    const position = offset?.position ?? 0;
    if (typeof position !== 'bigint' && !Number.isInteger(position)) throw new ConnectException('Offset position is the incorrect type');
    this.#position = Number(position);
    this.#skip = this.#position;
  }

  async poll(): Promise<SourceRecord[] | null> {
    this.#input ??= await this.#open();
    if (this.#input === null) return this.#wait();
    for (;;) {
      const lines = this.#lines.take(this.#batchSize);
      if (lines.length > 0) return this.#records(lines);
      const text = await this.#input.read();
      if (text === null) return this.#wait();
      this.#lines.add(this.#afterSkip(text));
    }
  }

  async stop(): Promise<void> {
    await this.#input?.close();
  }

  async #open(): Promise<TextInput | null> {
    if (this.#path === null) return new StandardInput(process.stdin);
    try {
      return new FileInput(await open(this.#path, 'r'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new ConnectException(`Error while trying to open file ${this.#path}: ${(error as Error).message}`, { cause: error });
      this.#context.logger.warn('cannot find the file, waiting for it to be created', { file: this.#path });
      return null;
    }
  }

  #wait(): null {
    this.#context.caughtUp();
    this.#context.pollAgainAt(this.#context.clock.now() + WAIT_MS);
    return null;
  }

  #afterSkip(text: string): string {
    const skipped = Math.min(this.#skip, text.length);
    this.#skip -= skipped;
    return skipped === 0 ? text : text.slice(skipped);
  }

  #records(lines: readonly Line[]): SourceRecord[] {
    const timestamp = this.#context.clock.now();
    const sourcePartition = { filename: this.#path };
    return lines.map(({ text, length }) => {
      if (this.#position !== null) this.#position += length;
      return new SourceRecord({
        sourcePartition,
        sourceOffset: { position: this.#position },
        topic: this.#topic,
        valueSchema: STRING_SCHEMA,
        value: text,
        timestamp,
      });
    });
  }
}

/** Where text comes from. */
interface TextInput {
  /** What is there; null = nothing now. */
  read(): Promise<string | null>;
  close(): Promise<void>;
}

class FileInput implements TextInput {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  readonly #decoder = new StringDecoder('utf8');

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(): Promise<string | null> {
    const { bytesRead } = await this.#file.read(this.#buffer, 0, READ_BYTES, null);
    return bytesRead === 0 ? null : this.#decoder.write(this.#buffer.subarray(0, bytesRead));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

class StandardInput implements TextInput {
  readonly #stream: Readable;
  readonly #decoder = new StringDecoder('utf8');

  constructor(stream: Readable) {
    this.#stream = stream;
    // Without a listener for its end a paused stream never says that there is something to read.
    stream.on('readable', () => undefined);
  }

  async read(): Promise<string | null> {
    const chunk = this.#stream.read() as Buffer | null;
    return chunk === null ? null : this.#decoder.write(chunk);
  }

  async close(): Promise<void> {
    this.#stream.removeAllListeners('readable');
    this.#stream.pause();
  }
}
