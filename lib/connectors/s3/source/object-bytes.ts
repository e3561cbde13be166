import { DataException } from '../../../core/errors.ts';
import type { S3Client } from '../client.ts';
import { S3Exception } from '../s3-exception.ts';

/** So much is asked for at once when an object is read from one end to the other. */
const CHUNK_BYTES = 1024 * 1024;

/** One version of an object, known by its ETag. */
export interface ObjectVersion {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** The object is no longer the one whose reading began. Bad data: nobody can say which of its records were read. */
export class ObjectChangedException extends DataException {
  readonly deleted: boolean;

  constructor(message: string, { cause, deleted = false }: { readonly cause?: unknown; readonly deleted?: boolean } = {}) {
    super(message, { cause, code: 'object-changed' });
    this.deleted = deleted;
  }
}

/** Bytes of one version of an object. Throws {@link ObjectChangedException}, S3Exception, SdkClientException. */
export class ObjectBytes {
  readonly object: ObjectVersion;
  readonly #client: S3Client;

  constructor(client: S3Client, object: ObjectVersion) {
    this.#client = client;
    this.object = object;
  }

  /** At most `length` bytes; fewer only at the end of the object. */
  async read(from: number, length: number): Promise<Uint8Array> {
    const { key, etag, sizeBytes } = this.object;
    const to = Math.min(from + length, sizeBytes) - 1;
    if (to < from) return new Uint8Array(0);
    try {
      return (await this.#client.getObject({ key, from, to, ifMatch: etag })).bytes;
    } catch (error) {
      if (!(error instanceof S3Exception) || (error.statusCode !== 412 && error.errorCode !== 'NoSuchKey')) throw error;
      const what = error.statusCode === 412 ? 'was replaced' : 'was deleted';
      throw new ObjectChangedException(
        `object ${key} of bucket ${this.#client.bucket} ${what} while it was being read (ETag ${etag}, byte ${from} of ${sizeBytes}): write objects once, under keys of their own`,
        { cause: error, deleted: error.statusCode === 404 },
      );
    }
  }

  /** All bytes from one on, in order; the next piece is on its way while one is used. */
  async *chunks(from: number): AsyncGenerator<Uint8Array> {
    const { sizeBytes } = this.object;
    let next = this.read(from, CHUNK_BYTES);
    // Whoever asks for it is told; nobody may ask after an early end
    next.catch(() => undefined);
    try {
      for (let at = from; at < sizeBytes; ) {
        const chunk = await next;
        at += chunk.length;
        if (chunk.length === 0) throw new DataException(`object ${this.object.key} ends at byte ${at}, before its size of ${sizeBytes}`);
        next = this.read(at, CHUNK_BYTES);
        next.catch(() => undefined);
        yield chunk;
      }
    } finally {
      await next.catch(() => undefined);
    }
  }
}
