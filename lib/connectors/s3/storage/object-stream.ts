import { ConnectException } from '../../../core/errors.ts';
import type { S3Client, UploadedPart, UploadOptions } from '../client.ts';
import { FileExistsException, IOException, S3Exception } from '../s3-exception.ts';
import { GrowingBuffer } from './growing-buffer.ts';

/** How objects are written. */
export interface ObjectOptions extends UploadOptions {
  readonly partSizeBytes: number;
  readonly bufferInitialBytes: number;
  readonly sendDigest: boolean;
  /** Refuse to replace an object. */
  readonly conditional: boolean;
}

/** Where a format puts its bytes. Writing never waits; once `full` is true, {@link ByteSink.drain} is to be called before more is written. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
  writeText(text: string): void;
  readonly full: boolean;
  drain(): Promise<void>;
  /** Writes what is left and completes the object. Throws IOException or FileExistsException. */
  commit(): Promise<void>;
  /** Gives the object up: nothing of it remains. */
  abort(): Promise<void>;
}

/** An object of S3 on its way, always as a multipart upload: parts of one size, the rest when it is completed. */
export class ObjectStream implements ByteSink {
  readonly #client: S3Client;
  readonly #key: string;
  readonly #options: ObjectOptions;
  readonly #buffer: GrowingBuffer;
  readonly #parts: UploadedPart[] = [];
  #uploadId: string | null = null;
  #closed = false;

  constructor(client: S3Client, key: string, options: ObjectOptions) {
    this.#client = client;
    this.#key = key;
    this.#options = options;
    this.#buffer = new GrowingBuffer(Math.min(options.bufferInitialBytes, options.partSizeBytes));
  }

  write(bytes: Uint8Array): void {
    this.#buffer.write(bytes);
  }

  writeText(text: string): void {
    this.#buffer.writeText(text);
  }

  get full(): boolean {
    return this.#buffer.length >= this.#options.partSizeBytes;
  }

  async drain(): Promise<void> {
    while (this.full) await this.#upload(this.#options.partSizeBytes);
  }

  async commit(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.drain();
      // The last part is sent even when it is empty: an object without records is an object.
      await this.#upload(this.#buffer.length);
      const uploadId = this.#uploadId as string;
      try {
        await this.#client.completeMultipartUpload(this.#key, uploadId, this.#parts, this.#options.conditional);
      } catch (error) {
        throw await this.#completionFailure(error);
      }
      this.#uploadId = null;
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const uploadId = this.#uploadId;
    if (uploadId === null) return;
    // What cannot be aborted is left to the bucket's lifecycle rule.
    await this.#client.abortMultipartUpload(this.#key, uploadId).catch(() => undefined);
  }

  async #upload(count: number): Promise<void> {
    const { encryption, sendDigest } = this.#options;
    try {
      this.#uploadId ??= await this.#client.createMultipartUpload(this.#key, this.#options);
    } catch (cause) {
      throw new IOException((cause as Error).message, { cause });
    }
    const partNumber = this.#parts.length + 1;
    const options = { customerKey: encryption.customerKey, digest: sendDigest };
    try {
      this.#parts.push(await this.#client.uploadPart(this.#key, this.#uploadId, partNumber, this.#buffer.first(count), options));
    } catch (cause) {
      throw new IOException('Part upload failed: ', { cause });
    }
    this.#buffer.drop(count);
  }

  async #completionFailure(error: unknown): Promise<Error> {
    if (!(error instanceof S3Exception)) return new IOException((error as Error).message, { cause: error });
    if (error.statusCode !== 412 && error.errorCode !== 'PreconditionFailed') return new IOException(error.message, { cause: error });
    try {
      if ((await this.#client.headObject(this.#key)) === null) {
        return new ConnectException('Unexpected state - Contradicting response from conditional upload and file exists call in S3');
      }
    } catch (head) {
      // Not allowed to look, but told that it exists
      if (!(head instanceof S3Exception) || head.statusCode !== 403) return new IOException((head as Error).message, { cause: head });
    }
    return new FileExistsException('File already exists');
  }
}
