import { FLOAT64_SCHEMA, OPTIONAL_FLOAT64_SCHEMA } from '../core/data/schemas.ts';
import type { ConverterExample } from './converter-example.ts';
import { NumberConverter, type NumberFormat, numberManifest } from './number-converter.ts';

const FORMAT: NumberFormat = {
  name: 'double',
  schema: OPTIONAL_FLOAT64_SCHEMA,
  bytes: 8,
  is: (value) => typeof value === 'number',
  write: (buffer, value) => buffer.writeDoubleBE(value as number),
  read: (buffer) => buffer.readDoubleBE(),
};

/** FLOAT64 as eight bytes. */
export class DoubleConverter extends NumberConverter {
  constructor() {
    super(FORMAT);
  }
}

export const doubleConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'a price',
    config: {},
    schema: FLOAT64_SCHEMA,
    value: 0.1,
    want: { hex: '3fb999999999999a' },
    readBack: { schema: OPTIONAL_FLOAT64_SCHEMA, value: 0.1 },
  },
];

const manifests = numberManifest('Double', 'FLOAT64 values as eight bytes (IEEE 754)', DoubleConverter);
export const doubleConverterManifest = manifests.converter;
export const doubleHeaderConverterManifest = manifests.headerConverter;
