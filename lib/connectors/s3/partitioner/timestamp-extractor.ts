import { TIMESTAMP_NAME } from '../../../core/data/logical.ts';
import { Struct } from '../../../core/data/struct.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import type { ExtractorName } from '../class-names.ts';
import { isoInstant } from './iso-instant.ts';
import { nestedField, nestedValue } from './nested-field.ts';
import { PartitionException } from './partition-exception.ts';

/** The time of a record, milliseconds since the epoch; null = it has none. `now` is the time of the write. */
export type TimestampExtractor = (record: SinkRecord, now: number) => number | null;

/** `field`: names of the field that holds the time, with dots between them. */
export function timestampExtractor(name: ExtractorName, field: string): TimestampExtractor {
  switch (name) {
    case 'Wallclock':
      return (_record, now) => now;
    case 'Record':
      return ({ timestamp }) => timestamp;
    case 'RecordField':
      return (record) => fromField(record, field);
  }
}

function fromField({ value, valueSchema }: SinkRecord, name: string): number {
  if (value instanceof Struct) {
    const found = nestedValue(value, name);
    const schema = nestedField(valueSchema!, name)!.schema;
    if (schema.name === TIMESTAMP_NAME) return (found as Date).getTime();
    if (schema.type === 'INT32' || schema.type === 'INT64') return Number(found);
    if (schema.type === 'STRING') return fromText(found as string);
    throw unreadable(name);
  }
  if (value instanceof Map) {
    const found = nestedValue(value, name);
    if (typeof found === 'number' || typeof found === 'bigint') return Math.trunc(Number(found));
    if (typeof found === 'string') return fromText(found);
    if (found instanceof Date) return found.getTime();
    throw unreadable(name);
  }
  throw new PartitionException('Error encoding partition.');
}

function unreadable(name: string): PartitionException {
  return new PartitionException(`Error extracting timestamp from record field: ${name}`);
}

const LONG_MAX = 2n ** 63n;

function fromText(text: string): number {
  if (/^-?[0-9]{1,19}$/.test(text)) {
    const value = BigInt(text);
    if (value >= -LONG_MAX && value < LONG_MAX) return Number(value);
  }
  return isoInstant(text);
}
