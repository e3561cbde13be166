import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

/** Keeps the batches of one partition in order. Knows nothing of what is in them. */
export interface BatchStore {
  /** Takes ownership of the buffer. Returns after the operating system has it, so that a killed process loses nothing. */
  append(batch: Buffer): void;
  /** Consecutive batches `[from, to)` by their number since the first one kept. `position` and `bytes` describe the same range. */
  read(from: number, to: number, position: number, bytes: number): Buffer[];
  /** Forgets the first `count` batches, `bytes` long. */
  dropFirst(count: number, bytes: number): void;
  close(): void;
}

/** Batches in this process's memory. */
export class MemoryStore implements BatchStore {
  #batches: Buffer[] = [];

  append(batch: Buffer): void {
    // A small batch is a view on the whole chunk that came from the socket and would keep that alive.
    this.#batches.push(batch.buffer.byteLength > 2 * batch.length ? Buffer.from(new Uint8Array(batch).buffer) : batch);
  }

  read(from: number, to: number): Buffer[] {
    return this.#batches.slice(from, to);
  }

  dropFirst(count: number): void {
    this.#batches = this.#batches.slice(count);
  }

  close(): void {
    this.#batches = [];
  }
}

/**
 * Batches in one append-only file. Reads and writes are synchronous: both end in the page cache, where they cost microseconds,
 * and order on disk is then the order of the calls.
 */
export class FileStore implements BatchStore {
  readonly #path: string;
  #file: number;
  #end: number;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a+');
    this.#end = fstatSync(this.#file).size;
  }

  get sizeBytes(): number {
    return this.#end;
  }

  append(batch: Buffer): void {
    try {
      for (let at = 0; at < batch.length; ) at += writeSync(this.#file, batch, at);
    } catch (error) {
      // A full disk takes a part: without the cut the next batch would stand behind it.
      ftruncateSync(this.#file, this.#end);
      throw error;
    }
    this.#end += batch.length;
  }

  read(_from: number, _to: number, position: number, bytes: number): Buffer[] {
    return bytes === 0 ? [] : [this.readBytes(position, bytes)];
  }

  /** Shorter than asked for where the file ends. */
  readBytes(position: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(bytes);
    let at = 0;
    while (at < bytes) {
      const got = readSync(this.#file, buffer, at, bytes - at, position + at);
      if (got === 0) break;
      at += got;
    }
    return buffer.subarray(0, at);
  }

  /** Cuts what a crash left behind the last whole batch. */
  truncate(sizeBytes: number): void {
    ftruncateSync(this.#file, sizeBytes);
    this.#end = sizeBytes;
  }

  /** Copies the rest into a new file that takes this one's place at once, so that a crash leaves one or the other. */
  dropFirst(_count: number, bytes: number): void {
    const next = openSync(`${this.#path}.next`, 'w+');
    for (let at = bytes; at < this.#end; ) {
      const chunk = this.readBytes(at, Math.min(1 << 22, this.#end - at));
      writeSync(next, chunk);
      at += chunk.length;
    }
    closeSync(next);
    closeSync(this.#file);
    renameSync(`${this.#path}.next`, this.#path);
    this.#file = openSync(this.#path, 'a+');
    this.#end -= bytes;
  }

  close(): void {
    closeSync(this.#file);
  }
}
