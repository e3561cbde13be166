import { INT32_SCHEMA, OPTIONAL_INT32_SCHEMA } from '../core/data/schemas.ts';
import type { ConverterExample } from './converter-example.ts';
import { NumberConverter, type NumberFormat, numberManifest } from './number-converter.ts';

const FORMAT: NumberFormat = {
  name: 'integer',
  schema: OPTIONAL_INT32_SCHEMA,
  bytes: 4,
  is: (value) => typeof value === 'number' && (value | 0) === value,
  write: (buffer, value) => buffer.writeInt32BE(value as number),
  read: (buffer) => buffer.readInt32BE(),
};

/** INT32 as four bytes. */
export class IntegerConverter extends NumberConverter {
  constructor() {
    super(FORMAT);
  }
}

export const integerConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'a negative number',
    config: {},
    schema: INT32_SCHEMA,
    value: -2,
    want: { hex: 'fffffffe' },
    readBack: { schema: OPTIONAL_INT32_SCHEMA, value: -2 },
  },
];

const manifests = numberManifest('Integer', 'INT32 values as four bytes, big-endian,', IntegerConverter);
export const integerConverterManifest = manifests.converter;
export const integerHeaderConverterManifest = manifests.headerConverter;
