import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schema, SchemaType } from '../../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { castValue } from '../../../lib/transforms/cast-value.ts';

const schemaOf = (type: SchemaType): Schema => SchemaBuilder.type(type).build();

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const samples: fc.Arbitrary<readonly [SchemaType, unknown]> = fc.oneof(
  fc.tuple(fc.constant<SchemaType>('INT8'), fc.integer({ min: -128, max: 127 })),
  fc.tuple(fc.constant<SchemaType>('INT16'), fc.integer({ min: -32768, max: 32767 })),
  fc.tuple(fc.constant<SchemaType>('INT32'), fc.integer()),
  fc.tuple(fc.constant<SchemaType>('INT64'), INT64),
  fc.tuple(fc.constant<SchemaType>('FLOAT32'), fc.float()),
  fc.tuple(fc.constant<SchemaType>('FLOAT64'), fc.double()),
  fc.tuple(fc.constant<SchemaType>('BOOLEAN'), fc.boolean()),
);
const targets = fc.constantFrom<SchemaType>('INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING');

const cast = (from: SchemaType, value: unknown, to: SchemaType): unknown => castValue(schemaOf(from), value, to);

describe('Cast', () => {
  it('to its own type changes nothing', async () => {
    await fc.assert(
      fc.property(samples, ([type, value]) => {
        expect(Object.is(cast(type, value, type), value)).toBe(true);
      }),
    );
  });

  it('twice is the same as once', async () => {
    await fc.assert(
      fc.property(samples, targets, ([type, value], target) => {
        const once = cast(type, value, target);
        expect(Object.is(cast(target, once, target), once)).toBe(true);
      }),
    );
  });

  it('through text and back changes nothing', async () => {
    await fc.assert(
      fc.property(samples, ([type, value]) => {
        expect(Object.is(cast('STRING', cast(type, value, 'STRING'), type), value)).toBe(true);
      }),
    );
  });

  it('to fewer bits keeps the low bits of whole numbers', async () => {
    await fc.assert(
      fc.property(INT64, (value) => {
        expect(cast('INT64', value, 'INT8')).toBe(Number(BigInt.asIntN(8, value)));
        expect(cast('INT64', value, 'INT16')).toBe(Number(BigInt.asIntN(16, value)));
        expect(cast('INT64', value, 'INT32')).toBe(Number(BigInt.asIntN(32, value)));
      }),
    );
  });

  it('of doubles saturates to an int first, then wraps', async () => {
    await fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const int = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) | 0;
        expect(cast('FLOAT64', value, 'INT32')).toBe(int);
        expect(cast('FLOAT64', value, 'INT8')).toBe((int << 24) >> 24);
      }),
    );
  });

  it('of booleans to numbers and back changes nothing', async () => {
    const numbers = fc.constantFrom<SchemaType>('INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64');

    await fc.assert(
      fc.property(fc.boolean(), numbers, (value, type) => {
        expect(cast(type, cast('BOOLEAN', value, type), 'BOOLEAN')).toBe(value);
      }),
    );
  });
});
