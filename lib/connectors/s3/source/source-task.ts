import { Buffer } from 'node:buffer';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConnectHeaders } from '../../../core/data/headers.ts';
import { OPTIONAL_BYTES_SCHEMA } from '../../../core/data/schemas.ts';
import { ConnectException, DataException, isRetriable } from '../../../core/errors.ts';
import type { SourceTask, SourceTaskContext } from '../../../core/source.ts';
import { SourceRecord } from '../../../core/source-record.ts';
import type { S3Client } from '../client.ts';
import { connectException } from '../s3-exception.ts';
import { VERSION } from '../version.ts';
import { ObjectChangedException } from './object-bytes.ts';
import { ObjectListing, type ObjectWork } from './object-listing.ts';
import { writeOffset } from './object-offset.ts';
import { ObjectReader, type ReadRecord } from './object-reader.ts';
import { type Decoders, openDecoders } from './open-decoder.ts';
import { openSourceClient } from './open-source-client.ts';
import { OBJECT_START, type ReadPosition } from './record-decoder.ts';
import { type SourceSettings, sourceSettings } from './source-settings.ts';

/** Small objects are gathered into one batch for so long. */
const GATHER_MS = 1000;

/** The object that is being read. */
interface OpenObject {
  readonly work: ObjectWork;
  /** null = to be opened at the position. */
  reader: ObjectReader | null;
  position: ReadPosition;
}

/** Reads the objects of its share of the bucket, one after the other. */
export class S3SourceTask implements SourceTask {
  #context!: SourceTaskContext;
  #settings!: SourceSettings;
  #client: S3Client | null = null;
  #decoders!: Decoders;
  #listing!: ObjectListing;
  #pass: AsyncGenerator<ObjectWork> | null = null;
  #nextPassAt = 0;
  #open: OpenObject | null = null;
  /** What ended the last batch early, thrown once that batch was handed on. */
  #failure: { readonly error: unknown } | null = null;

  version(): string {
    return VERSION;
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    const settings = sourceSettings(props);
    const { clock, random, signal } = this.#context;
    const client = openSourceClient(settings, { clock, random, signal, env: process.env });
    this.#settings = settings;
    this.#client = client;
    try {
      if (!(await client.bucketExists())) throw new ConnectException(`Non-existent S3 bucket: ${client.bucket}`);
      this.#decoders = await openDecoders(settings);
      this.#listing = new ObjectListing(client, settings, this.#context.offsetStorageReader());
      await this.#listing.resume(this.#context.progress);
    } catch (error) {
      throw connectException(error);
    }
  }

  async poll(): Promise<SourceRecord[] | null> {
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      throw error;
    }
    const { clock, signal } = this.#context;
    const records: SourceRecord[] = [];
    const until = clock.monotonic() + GATHER_MS;
    while (records.length < this.#settings.batchRecords && !signal.aborted) {
      try {
        if (!(await this.#read(records))) break;
      } catch (caught) {
        const error = connectException(caught);
        if (records.length === 0) throw error;
        this.#failure = { error };
        break;
      }
      if (records.length > 0 && clock.monotonic() >= until) break;
    }
    if (records.length > 0) return records;
    if (this.#pass === null && this.#open === null) {
      this.#context.caughtUp();
      this.#context.pollAgainAt(this.#nextPassAt);
    }
    return null;
  }

  async stop(): Promise<void> {
    await this.#open?.reader?.close();
    await this.#pass?.return(undefined);
    this.#client?.close();
  }

  /** Reads on in the object, or opens the next one; false = there is none for now. */
  async #read(into: SourceRecord[]): Promise<boolean> {
    if (this.#open === null) {
      const work = await this.#nextWork();
      if (work === null) return false;
      this.#open = { work, reader: null, position: work.position };
    }
    const open = this.#open;
    const read: ReadRecord[] = [];
    let failed: { readonly error: unknown } | null = null;
    try {
      open.reader ??= new ObjectReader(this.#client!, { ...open.work, position: open.position }, this.#decoders);
      await open.reader.read(this.#settings.batchRecords - into.length, read);
    } catch (error) {
      failed = { error };
    }
    for (const { decoded, record } of read) {
      const behind = record ?? this.#onBadData(open.work, decoded.error!, decoded.raw, decoded.position, decoded.last);
      if (behind !== null) into.push(behind);
      open.position = decoded.position;
      this.#listing.reached(open.work, decoded.position, decoded.last);
    }
    if (failed !== null) await this.#onFailure(open, failed.error, into);
    else if (read.length === 0 || read.at(-1)!.decoded.last) await this.#finish(open);
    return true;
  }

  async #nextWork(): Promise<ObjectWork | null> {
    if (this.#pass === null) {
      if (this.#context.clock.now() < this.#nextPassAt) return null;
      const { event } = this.#context;
      this.#pass = event === undefined ? this.#listing.pass() : this.#listing.created(event, (error) => this.#onBadMessage(error));
    }
    try {
      const { done, value } = await this.#pass.next();
      if (done !== true) return value;
    } catch (error) {
      this.#pass = null;
      throw error;
    }
    this.#pass = null;
    if (this.#context.event !== undefined) {
      this.#nextPassAt = Number.POSITIVE_INFINITY;
      return null;
    }
    this.#nextPassAt = this.#context.clock.now() + this.#settings.pollIntervalMs;
    const progress = this.#listing.passed();
    if (progress !== null) this.#context.progress.set(progress);
    return null;
  }

  #onBadMessage(error: DataException): void {
    if (this.#settings.onError === 'fail') throw error;
    if (this.#settings.onError === 'log') this.#context.logger.warn('a message is passed over', { error: error.message });
  }

  async #finish({ work, reader, position }: OpenObject): Promise<void> {
    this.#listing.reached(work, position, true);
    this.#open = null;
    await reader?.close();
  }

  /** An outage is thrown, and the object opened again at its position; of bad data that ends an object nothing more is read, or it is thrown. */
  async #onFailure(open: OpenObject, error: unknown, into: SourceRecord[]): Promise<void> {
    const { work, reader, position } = open;
    open.reader = null;
    await reader?.close().catch(() => undefined);
    if (isRetriable(error) || !(error instanceof DataException)) throw error;
    if (error instanceof ObjectChangedException && error.deleted && position === OBJECT_START) {
      this.#context.logger.info('an object was deleted before it was read', { key: work.object.key });
    } else {
      const behind = this.#onBadData(work, error, null, position, true);
      if (behind !== null) into.push(behind);
    }
    await this.#finish(open);
  }

  /** Throws, or answers the record for the topic of errors; null = there is no such topic. */
  #onBadData(work: ObjectWork, error: DataException, raw: Uint8Array | null, position: ReadPosition, eof: boolean): SourceRecord | null {
    const { bucket, errorTopic, onError } = this.#settings;
    const { key, etag } = work.object;
    const message = error instanceof ObjectChangedException ? error.message : `object ${key} of bucket ${bucket}: ${error.message}`;
    if (onError === 'fail') throw new DataException(message, { cause: error });
    if (onError === 'log') this.#context.logger.warn('data of an object is passed over', { key, etag, error: message });
    if (errorTopic === null) return null;
    const headers = new ConnectHeaders().addString('bucket', bucket).addString('key', key).addString('error', message);
    return new SourceRecord({
      sourcePartition: work.sourcePartition,
      sourceOffset: writeOffset({ key, position, eof, etag }),
      topic: errorTopic,
      valueSchema: OPTIONAL_BYTES_SCHEMA,
      value: raw === null ? null : Buffer.from(raw),
      headers,
    });
  }
}
