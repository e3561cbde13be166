import type { PartitionerName } from '../class-names.ts';
import { fieldPartitioner } from './field-partitioner.ts';
import type { Partitioner, PartitionerInit } from './partitioner.ts';
import { timeBasedPartitioner } from './time-based-partitioner.ts';

const HOUR_MS = 3_600_000;

/** The partitioner of a name. Throws ConfigException for what it lacks. */
export function createPartitioner(name: PartitionerName, init: PartitionerInit): Partitioner {
  const { directoryDelim: delim } = init;
  const day = `'year'=YYYY${delim}'month'=MM${delim}'day'=dd`;
  switch (name) {
    case 'default':
      return { extractor: null, encode: ({ kafkaPartition }) => `partition=${kafkaPartition}` };
    case 'field':
      return fieldPartitioner(init);
    case 'time':
      return timeBasedPartitioner(init);
    case 'hourly':
      return timeBasedPartitioner({ ...init, durationMs: HOUR_MS, pathFormat: `${day}${delim}'hour'=HH` });
    case 'daily':
      return timeBasedPartitioner({ ...init, durationMs: 24 * HOUR_MS, pathFormat: day });
  }
}

/** Adds the name of the value's schema before or after the folder. */
export function withSchemaName(inner: Partitioner, affix: 'PREFIX' | 'SUFFIX', delim: string): Partitioner {
  return {
    extractor: inner.extractor,
    encode(record, now) {
      const path = inner.encode(record, now);
      const name = `schema_name=${record.valueSchema?.name ?? null}`;
      return affix === 'PREFIX' ? name + delim + path : path + delim + name;
    },
  };
}

/** Tombstones have a folder of their own, and their own time is the record's. */
export function withTombstones(inner: Partitioner, folder: string): Partitioner {
  const { extractor } = inner;
  return {
    extractor: extractor === null ? null : (record, now) => (record.value === null ? record.timestamp : extractor(record, now)),
    encode: (record, now) => (record.value === null ? folder : inner.encode(record, now)),
  };
}
