import { ConfigDef } from '../core/config/config-def.ts';
import { ValidString } from '../core/config/validators.ts';
import type { Schema } from '../core/data/schema.ts';
import { SchemaBuilder } from '../core/data/schema-builder.ts';
import { SchemaCache } from '../core/data/schema-cache.ts';
import { Struct } from '../core/data/struct.ts';
import { ConfigException } from '../core/errors.ts';
import { JavaDateFormat } from '../core/java/date-format.ts';
import { IllegalArgumentException } from '../core/java/exceptions.ts';
import type { ConnectRecord } from '../core/record.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import type { Transformation, TransformationContext } from '../core/transformation.ts';
import { copyMap } from './copy-map.ts';
import { copySchemaBasics } from './copy-schema.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { fieldsOf, requireMap, requireStructOrNull } from './requirements.ts';
import {
  fromDate,
  TIMESTAMP_TYPES,
  type TimestampOptions,
  type TimestampType,
  timestampSchema,
  toDate,
  typeOfSchema,
  typeOfValue,
  UNIX_PRECISIONS,
  type UnixPrecision,
} from './timestamp-types.ts';

const OVERVIEW =
  'Converts a timestamp, one field or a whole key or value, between text (a pattern of java.text.SimpleDateFormat, in UTC), a unix number and ' +
  "Connect's Date, Time and Timestamp. What it is now is told by its schema; without schema, a text or an INT64. Null stays null.";

const PURPOSE = 'converting timestamp formats';

const CONFIG = new ConfigDef()
  .define({
    name: 'field',
    type: 'STRING',
    default: '',
    importance: 'HIGH',
    doc: 'The field with the timestamp; empty = the whole key or value.',
  })
  .define({
    name: 'target.type',
    type: 'STRING',
    validator: ValidString.in(...TIMESTAMP_TYPES),
    importance: 'HIGH',
    doc: 'What it becomes: string, unix, Date, Time or Timestamp.',
  })
  .define({
    name: 'format',
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    doc: 'Pattern of java.text.SimpleDateFormat by which texts are written and read; needed where a text is involved.',
  })
  .define({
    name: 'unix.precision',
    type: 'STRING',
    default: 'milliseconds',
    validator: ValidString.in(...UNIX_PRECISIONS),
    importance: 'LOW',
    doc: 'Unit of unix numbers, written and read: seconds, milliseconds, microseconds or nanoseconds. What is smaller than a millisecond is lost.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

abstract class TimestampConverter<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #field = '';
  #target: TimestampType = 'Timestamp';
  #options: TimestampOptions = { format: null, precision: 'milliseconds' };
  #replaceNull = true;
  readonly #schemas = new SchemaCache<Schema>();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>, context?: TransformationContext): void {
    const parsed = CONFIG.parse(config);
    this.#field = parsed.getText('field');
    this.#target = parsed.getText('target.type') as TimestampType;
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
    const pattern = parsed.getText('format');
    if (this.#target === 'string' && pattern.trim() === '') {
      throw new ConfigException('TimestampConverter requires format option to be specified when using string timestamps');
    }
    this.#options = {
      format: pattern.trim() === '' ? null : dateFormat(pattern, context),
      precision: parsed.getText('unix.precision') as UnixPrecision,
    };
  }

  apply(record: R): R {
    const schema = this.schemaOf(record);
    return schema === null ? this.#applySchemaless(record) : this.#applyWithSchema(record, schema);
  }

  #applySchemaless(record: R): R {
    const data = this.dataOf(record);
    if (data === null || this.#field === '') return this.changed(record, null, this.#convert(data, null));
    const map = requireMap(data, PURPOSE);
    const updated = copyMap(map);
    updated.set(this.#field, this.#convert(map.get(this.#field) ?? null, null));
    return this.changed(record, null, updated);
  }

  #applyWithSchema(record: R, schema: Schema): R {
    const data = this.dataOf(record);
    if (this.#field === '') {
      return this.changed(record, timestampSchema(this.#target, schema.optional), this.#convert(data, typeOfSchema(schema)));
    }
    const struct = requireStructOrNull(data, PURPOSE);
    const updated = this.#schemas.get(schema, (of) => this.#convertSchema(of));
    return this.changed(record, updated, struct === null ? null : this.#convertStruct(struct, updated));
  }

  #convertSchema(schema: Schema): Schema {
    const builder = copySchemaBasics(schema, SchemaBuilder.struct());
    for (const field of fieldsOf(schema)) {
      builder.field(field.name, field.name === this.#field ? timestampSchema(this.#target, field.schema.optional) : field.schema);
    }
    if (schema.optional) builder.optional();
    if (schema.defaultValue !== null) builder.defaultValue(this.#convertStruct(schema.defaultValue as Struct, builder.build()));
    return builder.build();
  }

  #convertStruct(struct: Struct, schema: Schema): Struct {
    const updated = new Struct(schema);
    for (const field of struct.schema.fields!) {
      const value = fieldValue(struct, field, this.#replaceNull);
      updated.put(field.name, field.name === this.#field ? this.#convert(value, typeOfSchema(field.schema)) : value);
    }
    return updated;
  }

  /** `type` null = it is told by the value. */
  #convert(value: unknown, type: TimestampType | null): unknown {
    if (value === null) return null;
    return fromDate(toDate(value, type ?? typeOfValue(value), this.#options), this.#target, this.#options);
  }
}

function dateFormat(pattern: string, context: TransformationContext | undefined): JavaDateFormat {
  try {
    return new JavaDateFormat(pattern, (context?.clock ?? SYSTEM_CLOCK).now());
  } catch (error) {
    if (!(error instanceof IllegalArgumentException)) throw error;
    throw ConfigException.invalid(
      `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`,
      `${error.javaClass}: ${error.message}`,
    );
  }
}

/** TimestampConverter on record keys. */
export class TimestampConverterKey<R extends ConnectRecord = ConnectRecord> extends TimestampConverter<R> {
  constructor() {
    super('key');
  }
}

/** TimestampConverter on record values. */
export class TimestampConverterValue<R extends ConnectRecord = ConnectRecord> extends TimestampConverter<R> {
  constructor() {
    super('value');
  }
}

export const timestampConverterExamples: readonly TransformationExample[] = [
  {
    summary: 'a text becomes milliseconds',
    transformation: TimestampConverterValue,
    config: { field: 'at', 'target.type': 'unix', format: 'yyyy-MM-dd HH:mm:ss' },
    have: { value: new Map([['at', '2024-02-29 12:34:56']]) },
    want: { value: new Map([['at', 1_709_210_096_000n]]) },
  },
  {
    summary: 'seconds become a text',
    transformation: TimestampConverterValue,
    config: { field: 'at', 'target.type': 'string', format: "yyyy-MM-dd'T'HH:mm:ssX", 'unix.precision': 'seconds' },
    have: { value: new Map([['at', 1_709_210_096n]]) },
    want: { value: new Map([['at', '2024-02-29T12:34:56Z']]) },
  },
];

export const [timestampConverterKeyManifest, timestampConverterValueManifest] = keyAndValueManifests(
  { name: 'TimestampConverter', file: 'timestamp-converter', overview: OVERVIEW, configDef: CONFIG },
  TimestampConverterKey,
  TimestampConverterValue,
);
