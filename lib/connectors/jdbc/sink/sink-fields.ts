import type { Schema } from '../../../core/data/schema.ts';
import { INT32_SCHEMA, INT64_SCHEMA, STRING_SCHEMA } from '../../../core/data/schemas.ts';
import { ConnectException } from '../../../core/errors.ts';
import { isPrimitive } from './record-validator.ts';
import { SinkField } from './sink-field.ts';
import type { SinkSettings } from './sink-settings.ts';

const KAFKA_FIELDS: readonly string[] = ['__connect_topic', '__connect_partition', '__connect_offset'];
const KAFKA_SCHEMAS: readonly Schema[] = [STRING_SCHEMA, INT32_SCHEMA, INT64_SCHEMA];

/** The columns that records of one pair of schemas are written to. */
export interface SinkFields {
  /** In the order of `pk.fields`, or of the key's schema. */
  readonly keyFields: readonly SinkField[];
  readonly nonKeyFields: readonly SinkField[];
  /** In the order in which a table is created. */
  readonly all: readonly SinkField[];
}

/** Throws ConnectException, with Confluent's texts, where schemas and configuration do not go together. */
export function sinkFields(table: string, settings: SinkSettings, keySchema: Schema | null, valueSchema: Schema | null): SinkFields {
  if (valueSchema?.type === 'STRING') refuseFieldOptions(settings);
  const keyFields = primaryKey(table, settings, keySchema, valueSchema);
  const names = new Set(keyFields.map(({ name }) => name));
  const nonKeyFields = valueFields(valueSchema, settings).filter(({ name }) => !names.has(name));
  if (keyFields.length + nonKeyFields.length === 0)
    throw new ConnectException(`No fields found using key and value schemas for table: ${table}`);
  return { keyFields, nonKeyFields, all: inTableOrder([...keyFields, ...nonKeyFields], valueSchema, settings) };
}

function valueFields(schema: Schema | null, { fieldsWhitelist, stringColumn }: SinkSettings): SinkField[] {
  if (schema === null) return [];
  if (schema.type === 'STRING') return [new SinkField(schema, stringColumn, false)];
  return schema
    .fields!.filter(({ name }) => fieldsWhitelist.size === 0 || fieldsWhitelist.has(name))
    .map((field) => new SinkField(field.schema, field.name, false));
}

function primaryKey(table: string, settings: SinkSettings, keySchema: Schema | null, valueSchema: Schema | null): SinkField[] {
  const { primaryKeyFields: names } = settings;
  switch (settings.primaryKeyMode) {
    case 'none':
      return [];
    case 'kafka': {
      if (names.length !== 0 && names.length !== KAFKA_FIELDS.length) {
        throw new ConnectException(
          `PK mode for table '${table}' is KAFKA so there should either be no field names defined for defaults [${KAFKA_FIELDS.join(', ')}] to be ` +
            `applicable, or exactly 3, defined fields are: [${names.join(', ')}]`,
        );
      }
      return (names.length === 0 ? KAFKA_FIELDS : names).map((name, index) => new SinkField(KAFKA_SCHEMAS[index]!, name, true));
    }
    case 'record_key':
      return recordKey(table, names, keySchema);
    case 'record_value':
      return recordValue(table, names, valueSchema);
  }
}

function recordKey(table: string, names: readonly string[], schema: Schema | null): SinkField[] {
  if (schema === null) throw new ConnectException(`PK mode for table '${table}' is RECORD_KEY, but record key schema is missing`);
  if (isPrimitive(schema)) {
    if (names.length !== 1) {
      throw new ConnectException(
        `Need exactly one PK column defined since the key schema for records is a primitive type, defined columns are: [${names.join(', ')}]`,
      );
    }
    return [new SinkField(schema, names[0]!, true)];
  }
  if (schema.type !== 'STRUCT') throw new ConnectException(`Key schema must be primitive type or Struct, but is of type: ${schema.type}`);
  return fieldsOf(
    schema,
    names,
    (missing) =>
      `PK mode for table '${table}' is RECORD_KEY with configured PK fields [${names.join(', ')}], but record key schema does not contain field: ${missing}`,
  );
}

function recordValue(table: string, names: readonly string[], schema: Schema | null): SinkField[] {
  if (schema === null) throw new ConnectException(`PK mode for table '${table}' is RECORD_VALUE, but record value schema is missing`);
  if (schema.type === 'STRING') throw new ConnectException('pk.mode record_value is not supported with String value schemas');
  return fieldsOf(
    schema,
    names,
    (missing) =>
      `PK mode for table '${table}' is RECORD_VALUE with configured PK fields [${names.join(', ')}], but record value schema does not contain field: ${missing}`,
  );
}

function fieldsOf(schema: Schema, names: readonly string[], missing: (name: string) => string): SinkField[] {
  if (names.length === 0) return schema.fields!.map((field) => new SinkField(field.schema, field.name, true));
  return names.map((name) => {
    const field = schema.field(name);
    if (field === null) throw new ConnectException(missing(name));
    return new SinkField(field.schema, name, true);
  });
}

/** Kafka's default columns first, then the value's fields, then whatever is left by name. */
function inTableOrder(fields: readonly SinkField[], valueSchema: Schema | null, settings: SinkSettings): SinkField[] {
  const left = new Map(fields.map((field) => [field.name, field]));
  const ordered: SinkField[] = [];
  const take = (name: string): void => {
    const field = left.get(name);
    if (field !== undefined) ordered.push(field);
    left.delete(name);
  };
  for (const name of KAFKA_FIELDS) take(name);
  if (valueSchema?.type === 'STRUCT') for (const { name } of valueSchema.fields!) take(name);
  if (valueSchema?.type === 'STRING') take(settings.stringColumn);
  for (const name of [...left.keys()].sort()) take(name);
  return ordered;
}

function refuseFieldOptions({ connectorName, fieldsWhitelist, timestampFields }: SinkSettings): void {
  const options = [fieldsWhitelist.size > 0 ? 'fields.whitelist' : '', timestampFields.size > 0 ? 'timestamp.fields.list' : ''].filter(
    (key) => key !== '',
  );
  if (options.length === 0) return;
  throw new ConnectException(
    `Sink connector '${connectorName}' is configured with field-level options that are not applicable to String values: ${options.join(', ')}. ` +
      'Remove these options, or have the upstream producer emit Struct values instead.',
  );
}
