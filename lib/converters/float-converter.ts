import { FLOAT32_SCHEMA, OPTIONAL_FLOAT32_SCHEMA } from '../core/data/schemas.ts';
import type { ConverterExample } from './converter-example.ts';
import { NumberConverter, type NumberFormat, numberManifest } from './number-converter.ts';

const FORMAT: NumberFormat = {
  name: 'float',
  schema: OPTIONAL_FLOAT32_SCHEMA,
  bytes: 4,
  is: (value) => typeof value === 'number',
  write: (buffer, value) => buffer.writeFloatBE(value as number),
  read: (buffer) => buffer.readFloatBE(),
};

/** FLOAT32 as four bytes. */
export class FloatConverter extends NumberConverter {
  constructor() {
    super(FORMAT);
  }
}

export const floatConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'a temperature',
    config: {},
    schema: FLOAT32_SCHEMA,
    value: 1.5,
    want: { hex: '3fc00000' },
    readBack: { schema: OPTIONAL_FLOAT32_SCHEMA, value: 1.5 },
  },
];

const manifests = numberManifest('Float', 'FLOAT32 values as four bytes (IEEE 754)', FloatConverter);
export const floatConverterManifest = manifests.converter;
export const floatHeaderConverterManifest = manifests.headerConverter;
