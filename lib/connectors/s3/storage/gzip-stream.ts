import { once } from 'node:events';
import { createGzip, type Gzip } from 'node:zlib';
import { GrowingBuffer } from './growing-buffer.ts';
import type { ByteSink } from './object-stream.ts';

/** So much is collected before it is compressed. */
const CHUNK_BYTES = 256 * 1024;

/** Compresses what is written into another sink; the same bytes always give the same bytes. */
export class GzipStream implements ByteSink {
  readonly #inner: ByteSink;
  readonly #raw = new GrowingBuffer(16 * 1024);
  readonly #gzip: Gzip;

  /** @param level 0 to 9; −1 = zlib's own. */
  constructor(inner: ByteSink, level: number) {
    this.#inner = inner;
    this.#gzip = createGzip({ level });
    this.#gzip.on('data', (chunk: Buffer) => inner.write(chunk));
  }

  write(bytes: Uint8Array): void {
    this.#raw.write(bytes);
  }

  writeText(text: string): void {
    this.#raw.writeText(text);
  }

  get full(): boolean {
    return this.#raw.length >= CHUNK_BYTES;
  }

  async drain(): Promise<void> {
    await this.#compress();
    if (this.#inner.full) await this.#inner.drain();
  }

  async commit(): Promise<void> {
    await this.#compress();
    const ended = once(this.#gzip, 'end');
    this.#gzip.end();
    await ended;
    await this.#inner.commit();
  }

  async abort(): Promise<void> {
    this.#gzip.destroy();
    await this.#inner.abort();
  }

  #compress(): Promise<void> {
    const count = this.#raw.length;
    if (count === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#gzip.write(this.#raw.first(count), (error) => {
        if (error) {
          reject(error);
          return;
        }
        this.#raw.drop(count);
        resolve();
      });
    });
  }
}
