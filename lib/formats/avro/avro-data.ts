import type { Schema } from '../../core/data/schema.ts';
import { SchemaCache } from '../../core/data/schema-cache.ts';
import { ANYTHING, isAnything } from './anything.ts';
import { type AvroDataOptions, DEFAULT_AVRO_DATA_OPTIONS } from './avro-data-config.ts';
import type { AvroSchema } from './avro-schema.ts';
import { AvroToConnect } from './avro-to-connect.ts';
import { type ConnectReader, ConnectReaderCompiler } from './connect-reader.ts';
import { ConnectToAvro } from './connect-to-avro.ts';
import { type ConnectWriter, ConnectWriterCompiler } from './connect-writer.ts';

/** How to read data of one Avro schema. */
export interface AvroReading {
  /** null = the data is schemaless. */
  readonly schema: Schema | null;
  readonly read: ConnectReader;
}

/**
 * The mapping between Connect data and Avro, as Confluent's AvroData has it: schemas both ways, and compiled readers and writers that go from
 * bytes to Connect values without anything in between. One per converter or file writer; it remembers schemas.
 */
export class AvroData {
  readonly #options: AvroDataOptions;
  readonly #schemas: SchemaCache<AvroSchema>;
  #unions = 0;

  constructor(options: AvroDataOptions = DEFAULT_AVRO_DATA_OPTIONS) {
    this.#options = options;
    this.#schemas = new SchemaCache(options.cacheSize);
  }

  /** The Avro schema of a Connect schema; null = that of schemaless data. SchemaParseException where a name is none that Avro allows. */
  fromConnectSchema(schema: Schema | null): AvroSchema {
    if (schema === null) return ANYTHING;
    return this.#schemas.get(schema, (made) => new ConnectToAvro(this.#options).convert(made));
  }

  /** Writes values of `schema` as `target`, which is `fromConnectSchema(schema)` unless a registry says otherwise. Compiled: keep it. */
  writer(schema: Schema | null, target: AvroSchema = this.fromConnectSchema(schema)): ConnectWriter {
    return new ConnectWriterCompiler(this.#options).compile(schema, this.fromConnectSchema(schema), target);
  }

  /** The Connect schema of an Avro schema; null = schemaless. `version` is a registry's, null = none. DataException for what Connect lacks. */
  toConnectSchema(avro: AvroSchema, version: number | null = null): Schema | null {
    return isAnything(avro) ? null : new AvroToConnect(this.#options, () => this.#unions++).convert(avro, version);
  }

  /** Schema and reader of data that was written with `avro`. Compiled: keep it. Errors as {@link toConnectSchema}. */
  reader(avro: AvroSchema, version: number | null = null): AvroReading {
    const schema = this.toConnectSchema(avro, version);
    return { schema, read: new ConnectReaderCompiler(this.#options).compile(avro, schema) };
  }
}
