import { javaClassName } from '../../../core/data/java-text.ts';
import type { Schema } from '../../../core/data/schema.ts';
import { ConnectException } from '../../../core/errors.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { SinkSettings } from './sink-settings.ts';

/** Throws ConnectException for a record that this configuration can never write; nothing tolerates it, as in Confluent's connector. */
export type RecordValidator = (record: SinkRecord) => void;

export function recordValidator(settings: SinkSettings): RecordValidator {
  const needsKey = settings.primaryKeyMode === 'record_key' || settings.deleteEnabled;
  const needsValue = settings.primaryKeyMode !== 'record_key' || !settings.deleteEnabled;
  return (record) => {
    if (needsKey && !hasKey(record)) throw refused(settings, record, 'key', 'non-null key and non-null Struct or primitive key schema');
    if (needsValue && !hasValue(record)) {
      throw refused(settings, record, 'value', 'non-null Struct or String value and non-null Struct or String schema');
    }
  };
}

function hasKey({ key, keySchema }: SinkRecord): boolean {
  return key !== null && keySchema !== null && (keySchema.type === 'STRUCT' || isPrimitive(keySchema));
}

function hasValue({ value, valueSchema }: SinkRecord): boolean {
  return value !== null && valueSchema !== null && (valueSchema.type === 'STRUCT' || valueSchema.type === 'STRING');
}

export function isPrimitive(schema: Schema): boolean {
  return schema.type !== 'ARRAY' && schema.type !== 'MAP' && schema.type !== 'STRUCT';
}

function refused(settings: SinkSettings, record: SinkRecord, part: 'key' | 'value', needs: string): ConnectException {
  const { topic, kafkaPartition, kafkaOffset, timestamp } = record;
  const schema = part === 'key' ? record.keySchema : record.valueSchema;
  const found = `a ${simpleName(part === 'key' ? record.key : record.value)} ${part} and ${schema === null ? 'null' : schema.type.toLowerCase()} ${part} schema`;
  return new ConnectException(
    `Sink connector '${settings.connectorName}' is configured with 'delete.enabled=${settings.deleteEnabled}' and ` +
      `'pk.mode=${settings.primaryKeyMode}' and therefore requires records with a ${needs}, but found record at ` +
      `(topic='${topic}',partition=${kafkaPartition},offset=${kafkaOffset},timestamp=${timestamp}) with ${found}.`,
  );
}

/** Java's simple class name of a value. */
function simpleName(value: unknown): string {
  if (value === null) return 'null';
  const name = javaClassName(value);
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
}
