import { javaToString } from '../../../core/data/java-text.ts';
import type { Schema } from '../../../core/data/schema.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';

const TIMESTAMP_TYPES = { NO_TIMESTAMP_TYPE: 'NoTimestampType', CREATE_TIME: 'CreateTime', LOG_APPEND_TIME: 'LogAppendTime' };

/** A sink record as Connect's `SinkRecord.toString` prints it in messages. */
export function sinkRecordText(record: SinkRecord): string {
  const headers = [...record.headers].map(
    ({ key, schema, value }) => `ConnectHeader(key=${key}, value=${javaToString(value, schema)}, schema=${schemaText(schema)})`,
  );
  return (
    `SinkRecord{kafkaOffset=${record.kafkaOffset}, timestampType=${TIMESTAMP_TYPES[record.timestampType]}, ` +
    `originalTopic=${record.originalTopic}, originalKafkaPartition=${record.originalKafkaPartition}, ` +
    `originalKafkaOffset=${record.originalKafkaOffset}} ` +
    `ConnectRecord{topic='${record.topic}', kafkaPartition=${record.kafkaPartition}, ` +
    `key=${javaToString(record.key, record.keySchema)}, keySchema=${schemaText(record.keySchema)}, ` +
    `value=${javaToString(record.value, record.valueSchema)}, valueSchema=${schemaText(record.valueSchema)}, ` +
    `timestamp=${record.timestamp}, headers=ConnectHeaders(headers=${headers.join(', ')})}`
  );
}

function schemaText(schema: Schema | null): string {
  return schema === null ? 'null' : String(schema);
}
