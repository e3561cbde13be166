import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { canonicalJson } from '../../../core/canonical-json.ts';
import { DataException } from '../../../core/errors.ts';
import type { OffsetStorageReader, SourceEvent, TaskProgress } from '../../../core/source.ts';
import type { SourcePartition } from '../../../core/source-record.ts';
import type { ObjectSummary, S3Client } from '../client.ts';
import { type CreatedObject, createdObjects } from './object-events.ts';
import { filePartition, folderPartition, type ObjectOffset, readOffset } from './object-offset.ts';
import { extensionsOf } from './open-decoder.ts';
import { OBJECT_START, type ReadPosition } from './record-decoder.ts';
import type { Origin, SourceSettings } from './source-settings.ts';

/** One object to read, and from where. */
export interface ObjectWork {
  readonly object: ObjectSummary;
  readonly topic: string;
  /** null = left to the producer's partitioner. */
  readonly kafkaPartition: number | null;
  readonly sourcePartition: SourcePartition;
  readonly position: ReadPosition;
  /** Of the version whose reading began before; null = it begins now. */
  readonly etag: string | null;
}

interface Candidate {
  readonly object: ObjectSummary;
  readonly topic: string;
  readonly kafkaPartition: number | null;
  readonly sourcePartition: SourcePartition;
  /** The source partition as text. */
  readonly id: string;
}

/** How far a source partition has been read; `modified` is its object's time. */
interface Known {
  readonly offset: ObjectOffset | null;
  readonly modified: number;
}

/**
 * Finds the objects that are to be read, pass by pass over the bucket. What the sink wrote is in order by its keys: of each Kafka partition in
 * each folder one position is known, and listing jumps behind it. Other objects come under any key: each is known by itself, and those that
 * were modified long before the latest one that was read need not be asked for.
 */
export class ObjectListing {
  readonly #client: S3Client;
  readonly #settings: SourceSettings;
  readonly #offsets: OffsetStorageReader;
  readonly #extensions: readonly string[];
  readonly #known = new Map<string, Known>();
  /** Latest modification of what a whole pass has read; generic mode. */
  #watermark = 0;

  constructor(client: S3Client, settings: SourceSettings, offsets: OffsetStorageReader) {
    this.#client = client;
    this.#settings = settings;
    this.#offsets = offsets;
    this.#extensions = extensionsOf(settings.format, settings.bytesExtension);
  }

  /** Takes up what an earlier run remembered, unless tasks were divided otherwise then or offsets were reset since. */
  async resume(progress: TaskProgress): Promise<void> {
    const before = progress.get();
    if (before === null || !this.#settings.byFile || before.tasks !== this.#settings.tasks || typeof before.lastKey !== 'string') return;
    const offset = readOffset(await this.#offsets.offset(filePartition(before.lastKey)));
    if (offset?.eof === true) this.#watermark = Number(before.modified);
  }

  /** Says how far an object has been read. */
  reached({ object, sourcePartition }: ObjectWork, position: ReadPosition, eof: boolean): void {
    const offset = { key: object.key, position, eof, etag: object.etag };
    this.#known.set(canonicalJson(sourcePartition), { offset, modified: object.lastModified });
  }

  /** One pass: every object that has not been read to its end, in the order of keys. To be used on only once the object was read. */
  async *pass(): AsyncGenerator<ObjectWork> {
    const { byFile, prefixes, task, tasks, uploadMaxMs } = this.#settings;
    for (const prefix of prefixes) {
      let startAfter: string | null = null;
      for (;;) {
        const page = await this.#client.listObjects({ prefix, ...(startAfter === null ? {} : { startAfter }) });
        const candidates = page.objects
          .map((object) => this.#candidate(object))
          .filter((candidate) => candidate !== null)
          .filter(({ id, object }) => crc32(id) % tasks === task && (!byFile || object.lastModified >= this.#watermark - uploadMaxMs));
        await this.#load(candidates);
        for (const candidate of candidates) {
          const work = this.#workOf(candidate);
          if (work !== null) yield work;
        }
        const last = page.objects.at(-1);
        if (page.next === null || last === undefined) break;
        startAfter = this.#after(last);
      }
    }
  }

  /** The objects that messages are about, in their order; whatever the share of this task. `onBad` is told of messages that are none of S3's. */
  async *created({ messages, completed }: SourceEvent, onBad: (error: DataException) => void): AsyncGenerator<ObjectWork> {
    for (const { id, body } of messages) {
      for (const { bucket, key } of this.#createdIn(body, onBad)) {
        const object = bucket === this.#client.bucket ? await this.#client.headObject(key) : null;
        const candidate = object === null ? null : this.#candidate(object);
        if (candidate === null) continue;
        await this.#load([candidate]);
        const work = this.#workOf(candidate);
        if (work !== null) yield work;
      }
      completed(id);
    }
  }

  #createdIn(body: string, onBad: (error: DataException) => void): readonly CreatedObject[] {
    try {
      return createdObjects(body);
    } catch (error) {
      if (!(error instanceof DataException)) throw error;
      onBad(error);
      return [];
    }
  }

  /** After a whole pass: what the next run need not look at; null = nothing to remember. */
  passed(): Readonly<Record<string, string | number>> | null {
    if (!this.#settings.byFile) return null;
    let lastKey: string | null = null;
    for (const { offset, modified } of this.#known.values()) {
      if (offset?.eof !== true || modified < this.#watermark) continue;
      this.#watermark = modified;
      lastKey = offset.key;
    }
    for (const [id, { modified }] of this.#known) if (modified < this.#watermark - this.#settings.uploadMaxMs) this.#known.delete(id);
    return lastKey === null ? null : { tasks: this.#settings.tasks, modified: this.#watermark, lastKey };
  }

  /** null = nothing that this task reads. */
  #candidate(object: ObjectSummary): Candidate | null {
    const { byFile, generic, startingTimestamp, topicRegexes, directoryDelim } = this.#settings;
    if (object.lastModified < startingTimestamp || object.sizeBytes === 0) return null;
    if (generic) {
      if (object.key.endsWith(directoryDelim)) return null;
      const topic = topicRegexes.find(({ regex }) => regex.matches(object.key))?.topic;
      if (topic === undefined) return null;
      return withId({ object, topic, kafkaPartition: null, sourcePartition: filePartition(object.key) });
    }
    const place = this.#place(object.key);
    if (place === null || !this.#extensions.some((extension) => object.key.endsWith(extension))) return null;
    const { folder, origin } = place;
    const sourcePartition = byFile ? filePartition(object.key) : folderPartition(folder, origin.partition);
    return withId({ object, topic: origin.topic, kafkaPartition: origin.partition, sourcePartition });
  }

  /** null = no object of values that the sink wrote. */
  #place(key: string): { readonly folder: string; readonly fileName: string; readonly origin: Origin } | null {
    const cut = key.lastIndexOf(this.#settings.directoryDelim) + this.#settings.directoryDelim.length;
    const fileName = key.slice(cut);
    const origin = this.#settings.originOf(fileName);
    if (origin === null || /\+\d+\.(?:keys|headers)\./.test(fileName)) return null;
    return { folder: key.slice(0, cut), fileName, origin };
  }

  /** Asks for the offsets of source partitions that were not met before, all at once. */
  async #load(candidates: readonly Candidate[]): Promise<void> {
    const missing = new Map<string, Candidate>();
    for (const candidate of candidates) if (!this.#known.has(candidate.id)) missing.set(candidate.id, candidate);
    if (missing.size === 0) return;
    const found = await this.#offsets.offsets([...missing.values()].map(({ sourcePartition }) => sourcePartition));
    [...missing].forEach(([id, { object }], index) => {
      this.#known.set(id, { offset: readOffset(found[index] ?? null), modified: object.lastModified });
    });
  }

  #workOf({ object, topic, kafkaPartition, sourcePartition, id }: Candidate): ObjectWork | null {
    const known = this.#known.get(id)?.offset ?? null;
    const work = { object, topic, kafkaPartition, sourcePartition, position: OBJECT_START, etag: null };
    const order = known === null ? 1 : compareKeys(object.key, known.key);
    if (known === null || order > 0) return work;
    if (order < 0) return null;
    if (!known.eof) return { ...work, position: known.position, etag: known.etag };
    // An object that was replaced after it was read is another one, unless its key says that it holds the same records
    return this.#settings.byFile && known.etag !== null && known.etag !== object.etag ? work : null;
  }

  /** Where the next page begins: behind what is known to be read, or behind what another task reads. */
  #after({ key }: ObjectSummary): string {
    const place = this.#settings.byFile ? null : this.#place(key);
    if (place === null) return key;
    const { folder, fileName, origin } = place;
    const id = canonicalJson(folderPartition(folder, origin.partition));
    const { task, tasks } = this.#settings;
    const series = `${origin.topic}+${origin.partition}+`;
    // Behind the offset in a name, which is of digits
    if (crc32(id) % tasks !== task) return fileName.startsWith(series) ? `${folder}${series}~` : key;
    const known = this.#known.get(id)?.offset ?? null;
    if (known === null || compareKeys(known.key, key) <= 0) return key;
    const target = known.eof ? known.key : known.key.slice(0, -1);
    return compareKeys(target, key) > 0 ? target : key;
  }
}

/** As S3 lists them: by the bytes of UTF-8. */
function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function withId(found: Omit<Candidate, 'id'>): Candidate {
  return { ...found, id: canonicalJson(found.sourcePartition) };
}
