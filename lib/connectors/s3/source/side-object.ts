import { DataException } from '../../../core/errors.ts';
import type { S3Client } from '../client.ts';
import { ObjectBytes } from './object-bytes.ts';
import type { OpenDecoder } from './open-decoder.ts';
import { type DecodedRecord, OBJECT_START, type RecordDecoder } from './record-decoder.ts';

/** The object of keys or headers that the sink wrote beside one of values: record by record the same. */
export class SideObject {
  readonly #key: string;
  readonly #decoder: RecordDecoder;
  #records: DecodedRecord[] = [];
  #at = 0;
  #taken = 0;

  private constructor(key: string, decoder: RecordDecoder) {
    this.#key = key;
    this.#decoder = decoder;
  }

  /** Finds it by its name. DataException where there is none. */
  static async open(client: S3Client, valuesKey: string, part: 'keys' | 'headers', open: OpenDecoder): Promise<SideObject> {
    const base = /^(.*\+\d+)\.[^/]*$/s.exec(valuesKey)?.[1];
    const prefix = `${base ?? valuesKey}.${part}.`;
    const [found] = (await client.listObjects({ prefix, maxKeys: 1 })).objects;
    if (found === undefined) {
      throw new DataException(
        `there is no object ${prefix}* with the ${part} of ${valuesKey}; set store.kafka.${part}=false where the sink did not store them`,
      );
    }
    return new SideObject(found.key, open(new ObjectBytes(client, found), OBJECT_START));
  }

  /** Passes over records that were read before. */
  async skip(records: number): Promise<void> {
    while (this.#taken < records) await this.next();
  }

  /** DataException where it has fewer records than the object of values. */
  async next(): Promise<DecodedRecord> {
    if (this.#at === this.#records.length) {
      this.#records = [];
      this.#at = 0;
      await this.#decoder.read(1000, this.#records);
      if (this.#records.length === 0) {
        throw new DataException(`object ${this.#key} has ${this.#taken} records, fewer than the object of values beside it`);
      }
    }
    this.#taken++;
    return this.#records[this.#at++]!;
  }

  async close(): Promise<void> {
    await this.#decoder.close();
  }
}
