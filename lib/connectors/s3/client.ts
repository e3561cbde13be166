/** Encryption of an object, as S3's headers have it; all null = the bucket's own. */
export interface ObjectEncryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly algorithm: string | null;
  readonly kmsKeyId: string | null;
  /** Base64 of 32 bytes that S3 encrypts with and forgets (SSE-C). */
  readonly customerKey: string | null;
}

/** What an upload begins with. */
export interface UploadOptions {
  readonly cannedAcl: string | null;
  readonly encryption: ObjectEncryption;
}

/** One part that S3 has. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** An object as a listing or a HEAD shows it. */
export interface ObjectSummary {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** One page of a listing; `next` continues it, null = the end. */
export interface ObjectPage {
  readonly objects: readonly ObjectSummary[];
  /** What groups of keys share up to the delimiter, when one was given. */
  readonly prefixes: readonly string[];
  readonly next: string | null;
}

/** What a listing asks for. */
export interface ListRequest {
  readonly prefix: string;
  readonly delimiter?: string;
  /** Only keys after this one. */
  readonly startAfter?: string;
  readonly continuation?: string;
  readonly maxKeys?: number;
}

/** What a read asks for: all, or some bytes of it, and only of the version with this ETag. */
export interface ReadRequest {
  readonly key: string;
  /** First byte. @default 0 */
  readonly from?: number;
  /** Last byte, included. @default the end */
  readonly to?: number;
  /** Throws S3Exception 412 when the object has changed. */
  readonly ifMatch?: string;
}

/** What was read. */
export interface ObjectContent {
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/**
 * One bucket of S3. Every call is sent up to `attempts` times; then it throws S3Exception (S3 answered) or SdkClientException (no answer
 * came); both say whether a later call may succeed (`retriable`).
 */
export interface S3Client {
  readonly bucket: string;
  /** Whether there is such a bucket; a refusal (403, 301) counts as yes. */
  bucketExists(): Promise<boolean>;
  /** null = no such object. */
  headObject(key: string): Promise<ObjectSummary | null>;
  /** Answers the upload's id. */
  createMultipartUpload(key: string, options: UploadOptions): Promise<string>;
  uploadPart(key: string, uploadId: string, partNumber: number, bytes: Uint8Array, options: PartOptions): Promise<UploadedPart>;
  /** With `ifNoneMatch`, throws S3Exception 412 where the key has an object. */
  completeMultipartUpload(key: string, uploadId: string, parts: readonly UploadedPart[], ifNoneMatch: boolean): Promise<void>;
  abortMultipartUpload(key: string, uploadId: string): Promise<void>;
  putTags(key: string, tags: ReadonlyMap<string, string>): Promise<void>;
  getObject(request: ReadRequest): Promise<ObjectContent>;
  listObjects(request: ListRequest): Promise<ObjectPage>;
  deleteObject(key: string): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}

/** How a part is sent. */
export interface PartOptions {
  readonly customerKey: string | null;
  /** Sends `content-md5`. */
  readonly digest: boolean;
}
