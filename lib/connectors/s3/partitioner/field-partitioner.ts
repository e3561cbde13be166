import type { Field } from '../../../core/data/schema.ts';
import { Struct } from '../../../core/data/struct.ts';
import { DataException } from '../../../core/errors.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { nestedField, nestedValue } from './nested-field.ts';
import { PartitionException } from './partition-exception.ts';
import type { Partitioner, PartitionerInit } from './partitioner.ts';

/** `name=value` for each of the fields. */
export function fieldPartitioner({ fieldNames, directoryDelim }: PartitionerInit): Partitioner {
  return {
    extractor: null,
    encode({ value, valueSchema }: SinkRecord) {
      if (!(value instanceof Struct)) throw new PartitionException('Error encoding partition.');
      let path = '';
      for (const name of fieldNames) {
        if (path !== '') path += directoryDelim;
        const field = nestedField(valueSchema!, name);
        if (field === null) throw new DataException(`Field '${name}' is not present in the schema.`);
        path += `${name}=${textOf(field, valueOrNull(value, name))}`;
      }
      return path;
    },
  };
}

function valueOrNull(struct: Struct, name: string): unknown {
  try {
    return nestedValue(struct, name);
  } catch (error) {
    if (error instanceof DataException) return null;
    throw error;
  }
}

function textOf({ schema }: Field, value: unknown): string {
  if (value === null) return 'null';
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
    case 'STRING':
    case 'BOOLEAN':
      return String(value);
    default:
      throw new PartitionException('Error encoding partition.');
  }
}
