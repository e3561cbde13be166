import { ConnectHeaders, type Header } from '../../../lib/core/data/headers.ts';
import type { ConnectRecord } from '../../../lib/core/record.ts';
import { SinkRecord, type TimestampType } from '../../../lib/core/sink-record.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { decodeSchema, decodeValue, encodeSchema, encodeValue, type SchemaJson, type ValueJson } from './codec.ts';

/** A record as the cases have it. */
export interface RecordJson {
  readonly kind: 'sink' | 'source';
  readonly topic: string;
  readonly partition: number | null;
  readonly keySchema: SchemaJson | null;
  readonly key: ValueJson;
  readonly valueSchema: SchemaJson | null;
  readonly value: ValueJson;
  readonly timestamp: number | null;
  readonly headers: readonly HeaderJson[];
  readonly offset?: number;
  readonly timestampType?: TimestampType;
  readonly originalTopic?: string;
  readonly originalPartition?: number;
  readonly originalOffset?: number;
  readonly sourcePartition?: ValueJson;
  readonly sourceOffset?: ValueJson;
}

export interface HeaderJson {
  readonly key: string;
  readonly schema: SchemaJson | null;
  readonly value: ValueJson;
}

export function decodeRecord(json: RecordJson): SinkRecord | SourceRecord {
  const keySchema = decodeSchema(json.keySchema);
  const valueSchema = decodeSchema(json.valueSchema);
  const members = {
    topic: json.topic,
    keySchema,
    key: decodeValue(json.key, keySchema),
    valueSchema,
    value: decodeValue(json.value, valueSchema),
    timestamp: json.timestamp,
    headers: decodeHeaders(json.headers),
  };
  if (json.kind === 'source') {
    return new SourceRecord({
      ...members,
      kafkaPartition: json.partition,
      sourcePartition: decodeOffsetMap(json.sourcePartition),
      sourceOffset: decodeOffsetMap(json.sourceOffset),
    });
  }
  return new SinkRecord({
    ...members,
    kafkaPartition: json.partition as number,
    kafkaOffset: json.offset!,
    timestampType: json.timestampType ?? 'NO_TIMESTAMP_TYPE',
    ...(json.originalTopic === undefined ? {} : { originalTopic: json.originalTopic }),
    ...(json.originalPartition === undefined ? {} : { originalKafkaPartition: json.originalPartition }),
    ...(json.originalOffset === undefined ? {} : { originalKafkaOffset: json.originalOffset }),
  });
}

/** Null = the record was dropped. */
export function encodeRecord(record: ConnectRecord | null): RecordJson | null {
  if (record === null) return null;
  const members = {
    topic: record.topic,
    partition: record.kafkaPartition,
    keySchema: encodeSchema(record.keySchema),
    key: encodeValue(record.key, record.keySchema),
    valueSchema: encodeSchema(record.valueSchema),
    value: encodeValue(record.value, record.valueSchema),
    timestamp: record.timestamp,
    headers: encodeHeaders(record.headers),
  };
  if (record instanceof SourceRecord) {
    const { sourcePartition, sourceOffset } = record;
    return { kind: 'source', ...members, sourcePartition: encodeOffsetMap(sourcePartition), sourceOffset: encodeOffsetMap(sourceOffset) };
  }
  if (!(record instanceof SinkRecord)) throw new Error('a record of neither kind');
  return {
    kind: 'sink',
    ...members,
    offset: record.kafkaOffset,
    timestampType: record.timestampType,
    originalTopic: record.originalTopic,
    originalPartition: record.originalKafkaPartition,
    originalOffset: record.originalKafkaOffset,
  };
}

export function decodeHeaders(json: readonly HeaderJson[]): ConnectHeaders {
  const headers = json.map((header): Header => {
    const schema = decodeSchema(header.schema);
    return { key: header.key, schema, value: decodeValue(header.value, schema) };
  });
  return new ConnectHeaders(headers);
}

export function encodeHeaders(headers: Iterable<Header>): HeaderJson[] {
  return [...headers].map(({ key, schema, value }) => ({ key, schema: encodeSchema(schema), value: encodeValue(value, schema) }));
}

function decodeOffsetMap(json: ValueJson | undefined): Record<string, never> | null {
  const map = decodeValue(json) as Map<string, never> | null;
  return map === null ? null : Object.fromEntries(map);
}

function encodeOffsetMap(map: Readonly<Record<string, unknown>> | null): ValueJson {
  return map === null ? null : encodeValue(new Map(Object.entries(map)));
}
