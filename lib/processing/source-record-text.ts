import { javaToString } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import type { SourceRecord } from '../core/source-record.ts';

/** A source record as Connect's `SourceRecord.toString` prints it in log lines. */
export function sourceRecordText(record: SourceRecord): string {
  const headers = [...record.headers].map(
    ({ key, schema, value }) => `ConnectHeader(key=${key}, value=${javaToString(value, schema)}, schema=${schemaText(schema)})`,
  );
  return (
    `SourceRecord{sourcePartition=${mapText(record.sourcePartition)}, sourceOffset=${mapText(record.sourceOffset)}} ` +
    `ConnectRecord{topic='${record.topic}', kafkaPartition=${record.kafkaPartition}, ` +
    `key=${javaToString(record.key, record.keySchema)}, keySchema=${schemaText(record.keySchema)}, ` +
    `value=${javaToString(record.value, record.valueSchema)}, valueSchema=${schemaText(record.valueSchema)}, ` +
    `timestamp=${record.timestamp}, headers=ConnectHeaders(headers=${headers.join(', ')})}`
  );
}

function schemaText(schema: Schema | null): string {
  return schema === null ? 'null' : String(schema);
}

function mapText(map: Readonly<Record<string, unknown>> | null): string {
  return map === null
    ? 'null'
    : `{${Object.entries(map)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')}}`;
}
