import { INT16_SCHEMA, OPTIONAL_INT16_SCHEMA } from '../core/data/schemas.ts';
import type { ConverterExample } from './converter-example.ts';
import { NumberConverter, type NumberFormat, numberManifest } from './number-converter.ts';

const FORMAT: NumberFormat = {
  name: 'short',
  schema: OPTIONAL_INT16_SCHEMA,
  bytes: 2,
  is: (value) => typeof value === 'number' && (value << 16) >> 16 === value,
  write: (buffer, value) => buffer.writeInt16BE(value as number),
  read: (buffer) => buffer.readInt16BE(),
};

/** INT16 as two bytes. */
export class ShortConverter extends NumberConverter {
  constructor() {
    super(FORMAT);
  }
}

export const shortConverterExamples: readonly ConverterExample[] = [
  {
    summary: 'a port number',
    config: {},
    schema: INT16_SCHEMA,
    value: 258,
    want: { hex: '0102' },
    readBack: { schema: OPTIONAL_INT16_SCHEMA, value: 258 },
  },
];

const manifests = numberManifest('Short', 'INT16 values as two bytes, big-endian,', ShortConverter);
export const shortConverterManifest = manifests.converter;
export const shortHeaderConverterManifest = manifests.headerConverter;
