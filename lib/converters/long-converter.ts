import { INT64_SCHEMA, OPTIONAL_INT64_SCHEMA } from '../core/data/schemas.ts';
import type { ConverterExample } from './converter-example.ts';
import { NumberConverter, type NumberFormat, numberManifest } from './number-converter.ts';

const FORMAT: NumberFormat = {
  name: 'long',
  schema: OPTIONAL_INT64_SCHEMA,
  bytes: 8,
  is: (value) => typeof value === 'bigint',
  write: (buffer, value) => buffer.writeBigInt64BE(value as bigint),
  read: (buffer) => buffer.readBigInt64BE(),
};

/** INT64 as eight bytes. */
export class LongConverter extends NumberConverter {
  constructor() {
    super(FORMAT);
  }
}

export const longConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'an id beyond what a double can hold',
    config: {},
    schema: INT64_SCHEMA,
    value: 9007199254740993n,
    want: { hex: '0020000000000001' },
    readBack: { schema: OPTIONAL_INT64_SCHEMA, value: 9007199254740993n },
  },
];

const manifests = numberManifest('Long', 'INT64 values as eight bytes, big-endian,', LongConverter);
export const longConverterManifest = manifests.converter;
export const longHeaderConverterManifest = manifests.headerConverter;
