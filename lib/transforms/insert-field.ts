import { ConfigDef, type ConfigKeyInit } from '../core/config/config-def.ts';
import { ConnectTimestamp } from '../core/data/logical.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import {
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_INT32_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  STRING_SCHEMA,
} from '../core/data/schemas.ts';
import { Struct } from '../core/data/struct.ts';
import { ConfigException, DataException } from '../core/errors.ts';
import type { ConnectRecord } from '../core/record.ts';
import { SinkRecord } from '../core/sink-record.ts';
import type { Transformation } from '../core/transformation.ts';
import { copyMap } from './copy-map.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { intoField, requireMap, requireStruct } from './requirements.ts';

const OVERVIEW =
  "Adds fields with the record's topic, partition, offset (sink connectors only) or timestamp, or with a fixed text. Tombstones pass " +
  'unchanged. With a schema the new fields come last and are optional, unless their name ends with `!`.';

const PURPOSE = 'field insertion';
const SUFFIX = 'A `!` behind it makes the field required, a `?` optional (which it is anyway).';

const text = (name: string, doc: string): ConfigKeyInit => ({ name, type: 'STRING', default: null, importance: 'MEDIUM', doc });

const CONFIG = new ConfigDef()
  .define(text('topic.field', `Name of the field that gets the topic. ${SUFFIX}`))
  .define(text('partition.field', `Name of the field that gets the Kafka partition. ${SUFFIX}`))
  .define(text('offset.field', `Name of the field that gets the Kafka offset; sink connectors only. ${SUFFIX}`))
  .define(text('timestamp.field', `Name of the field that gets the record's timestamp. ${SUFFIX}`))
  .define(text('static.field', `Name of the field that gets static.value. ${SUFFIX}`))
  .define(text('static.value', 'The text for static.field.'))
  .define(REPLACE_NULL_WITH_DEFAULT);

/** A field to insert: where its value comes from, with and without schema; undefined = the record has none, and nothing is inserted. */
interface Insertion {
  readonly name: string;
  readonly schema: Schema;
  value(record: ConnectRecord): unknown;
  schemaless(record: ConnectRecord): unknown;
}

interface InsertionKind {
  readonly key: string;
  readonly required: Schema;
  readonly optional: Schema;
  value(record: ConnectRecord): unknown;
  schemaless?(record: ConnectRecord): unknown;
}

const OPTIONAL_TIMESTAMP_SCHEMA = ConnectTimestamp.builder().optional().build();

/** In the order in which the fields are appended. */
const KINDS: readonly InsertionKind[] = [
  { key: 'topic.field', required: STRING_SCHEMA, optional: OPTIONAL_STRING_SCHEMA, value: (record) => record.topic },
  {
    key: 'partition.field',
    required: INT32_SCHEMA,
    optional: OPTIONAL_INT32_SCHEMA,
    value: (record) => record.kafkaPartition ?? undefined,
  },
  { key: 'offset.field', required: INT64_SCHEMA, optional: OPTIONAL_INT64_SCHEMA, value: offsetOf },
  {
    key: 'timestamp.field',
    required: ConnectTimestamp.SCHEMA,
    optional: OPTIONAL_TIMESTAMP_SCHEMA,
    value: (record) => (record.timestamp === null ? undefined : new Date(record.timestamp)),
    schemaless: (record) => (record.timestamp === null ? undefined : BigInt(record.timestamp)),
  },
];

function offsetOf(record: ConnectRecord): bigint {
  if (record instanceof SinkRecord) return BigInt(record.kafkaOffset);
  throw new DataException(`Only SinkRecord supported for [${PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord`);
}

function insertion(spec: string, kind: InsertionKind): Insertion {
  const marked = spec.endsWith('?') || spec.endsWith('!');
  return {
    name: marked ? spec.slice(0, -1) : spec,
    schema: spec.endsWith('!') ? kind.required : kind.optional,
    value: kind.value,
    schemaless: kind.schemaless ?? kind.value,
  };
}

abstract class InsertField<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #insertions: readonly Insertion[] = [];
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    const staticValue = parsed.getString('static.value');
    const staticKind: InsertionKind = {
      key: 'static.field',
      required: STRING_SCHEMA,
      optional: OPTIONAL_STRING_SCHEMA,
      value: () => staticValue,
    };
    const insertions: Insertion[] = [];
    for (const kind of [...KINDS, staticKind]) {
      const spec = parsed.getString(kind.key);
      if (spec !== null) insertions.push(insertion(spec, kind));
    }
    if (insertions.length === 0) throw new ConfigException('No field insertion configured');
    const staticField = parsed.getString('static.field');
    if (staticField !== null && staticValue === null) {
      throw ConfigException.invalid('static.value', null, `No value specified for static field: ${staticField}`);
    }
    this.#insertions = insertions;
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    const data = this.dataOf(record);
    if (data === null) return record;
    return this.schemaOf(record) === null ? this.#applySchemaless(record, data) : this.#applyWithSchema(record, data);
  }

  #applySchemaless(record: R, data: unknown): R {
    const updated = copyMap(requireMap(data, PURPOSE));
    for (const { name, schemaless } of this.#insertions) {
      const value = schemaless(record);
      if (value !== undefined) updated.set(name, value);
    }
    return this.changed(record, null, updated);
  }

  #applyWithSchema(record: R, data: unknown): R {
    const struct = requireStruct(data, PURPOSE);
    const schema = this.#schemas.get(struct.schema, (of) => this.#extend(of));
    const slots: unknown[] = new Array(schema.fields!.length);
    let at = 0;
    for (const field of struct.schema.fields!) slots[at++] = intoField(field, fieldValue(struct, field, this.#replaceNull));
    for (const { value } of this.#insertions) {
      const inserted = value(record);
      // What the record does not have leaves its field empty, even a required one.
      slots[at] = inserted === undefined ? null : intoField(schema.fields![at]!, inserted);
      at++;
    }
    return this.changed(record, schema, Struct.ofSlots(schema, slots));
  }

  #extend(schema: Schema): Schema {
    const builder = copySchemaBasics(schema, SchemaBuilder.struct());
    for (const field of schema.fields!) builder.field(field.name, field.schema);
    for (const { name, schema: of } of this.#insertions) builder.field(name, of);
    return builder.build();
  }
}

/** InsertField on record keys. */
export class InsertFieldKey<R extends ConnectRecord = ConnectRecord> extends InsertField<R> {
  constructor() {
    super('key');
  }
}

/** InsertField on record values. */
export class InsertFieldValue<R extends ConnectRecord = ConnectRecord> extends InsertField<R> {
  constructor() {
    super('value');
  }
}

export const insertFieldExamples: readonly TransformationExample[] = [
  {
    summary: 'the offset and a fixed text, in data without schema',
    transformation: InsertFieldValue,
    config: { 'offset.field': 'kafka_offset', 'static.field': 'source', 'static.value': 'shop' },
    have: { value: new Map([['id', 7n]]) },
    want: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['kafka_offset', 42n],
        ['source', 'shop'],
      ]),
    },
  },
];

export const [insertFieldKeyManifest, insertFieldValueManifest] = keyAndValueManifests(
  { name: 'InsertField', file: 'insert-field', overview: OVERVIEW, configDef: CONFIG },
  InsertFieldKey,
  InsertFieldValue,
);
