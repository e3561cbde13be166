import type { S3Client } from '../client.ts';
import { GzipStream } from './gzip-stream.ts';
import { type ByteSink, type ObjectOptions, ObjectStream } from './object-stream.ts';

/** Opens objects for writing. */
export interface ObjectStore {
  /** Nothing is sent before the first part is full. */
  create(key: string): ByteSink;
  /** As {@link ObjectStore.create}, compressed as configured. */
  createCompressed(key: string): ByteSink;
}

export function objectStore(client: S3Client, options: ObjectOptions, gzipLevel: number | null): ObjectStore {
  const create = (key: string) => new ObjectStream(client, key, options);
  return { create, createCompressed: (key) => (gzipLevel === null ? create(key) : new GzipStream(create(key), gzipLevel)) };
}
