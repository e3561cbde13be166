import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimpleHeaderConverter } from '../../../lib/converters/simple-header-converter.ts';
import { BigDecimal } from '../../../lib/core/data/big-decimal.ts';
import { ConnectHeaders } from '../../../lib/core/data/headers.ts';
import { doubleToString, floatToString } from '../../../lib/core/data/java-numbers.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import type { Schema } from '../../../lib/core/data/schema.ts';
import type { SchemaAndValue } from '../../../lib/core/data/schema-and-value.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { BOOLEAN_SCHEMA, INT8_SCHEMA, INT16_SCHEMA, INT32_SCHEMA, INT64_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { valuesEqual } from '../../../lib/core/data/value-equality.ts';
import { convertToString, parseString } from '../../../lib/core/data/values.ts';

const DAY = 86_400_000;
const both = (schema: Schema) => (value: unknown) => ({ schema, value });

/** Values in the form in which parsing answers them: integers have the smallest type that holds them. */
const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): SchemaAndValue => {
  const number = Number(value);
  if ((number << 24) >> 24 === number) return { schema: INT8_SCHEMA, value: number };
  if ((number << 16) >> 16 === number) return { schema: INT16_SCHEMA, value: number };
  return (number | 0) === number ? { schema: INT32_SCHEMA, value: number } : { schema: INT64_SCHEMA, value };
});
/** Texts that look like nothing else: letters, with quotes and backslashes left out, for these are not unescaped. */
const texts = fc
  .stringMatching(/^[a-z][a-z ._/-]{0,8}$/)
  .filter((text) => !['true', 'false', 'null'].includes(text.trim()) && text === text.trim());
const dates = fc.integer({ min: 1, max: 50_000 }).map((day) => both(ConnectDate.SCHEMA)(new Date(day * DAY)));
const times = fc.integer({ min: 0, max: DAY - 1 }).map((ms) => both(ConnectTime.SCHEMA)(new Date(ms)));
const timestamps = fc
  .integer({ min: DAY + 1, max: 4e12 })
  .filter((ms) => ms % DAY !== 0)
  .map((ms) => both(ConnectTimestamp.SCHEMA)(new Date(ms)));
const scalars = fc.oneof(integers, texts.map(both(STRING_SCHEMA)), fc.boolean().map(both(BOOLEAN_SCHEMA)), dates, times, timestamps);
/** Lists of one schema, and maps from texts to values of one schema. */
const lists = fc.array(scalars, { minLength: 1, maxLength: 4 }).map((elements) => {
  const { schema } = elements[0]!;
  return both(SchemaBuilder.array(schema!).build())(elements.filter((element) => element.schema === schema).map(({ value }) => value));
});
const maps = fc.dictionary(texts, fc.integer({ min: -128, max: 127 }), { minKeys: 1, maxKeys: 4 }).map((entries) => {
  return both(SchemaBuilder.map(STRING_SCHEMA, INT8_SCHEMA).build())(new Map(Object.entries(entries)));
});
const readable = fc.oneof(scalars, lists, maps);

function sameData(a: SchemaAndValue, b: SchemaAndValue): boolean {
  return (a.schema === null ? b.schema === null : a.schema.equals(b.schema)) && valuesEqual(a.value, b.value);
}

describe('Values', () => {
  it('parses its own output back to the same data', async () => {
    await fc.assert(
      fc.property(readable, (data) => {
        const parsed = parseString(convertToString(data.schema, data.value));
        expect(sameData(parsed, data)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('parses any text without throwing, and all or nothing of it stays a text', async () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ':',
      ',',
      '"',
      '\\',
      ' ',
      'null',
      'true',
      '1',
      '-5.5',
      '2024-02-30',
      'x',
      '\t',
      '1e99',
      'é',
    );
    await fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
        ),
        (text) => {
          const { schema, value } = parseString(text);
          if (schema === null) expect(value).toBeNull();
          else if (schema.type === 'STRING') expect(text.startsWith(value as string)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('headers', () => {
  it('come back from SimpleHeaderConverter as they went', async () => {
    const converter = new SimpleHeaderConverter();
    await fc.assert(
      fc.property(fc.array(fc.tuple(texts, readable), { maxLength: 5 }), (entries) => {
        const headers = new ConnectHeaders();
        for (const [key, { schema, value }] of entries) headers.add(key, value, schema);
        const raw = [...headers].map(({ key, schema, value }) => ({ key, bytes: converter.fromConnectHeader('t', key, schema, value) }));
        const back = new ConnectHeaders(raw.map(({ key, bytes }) => ({ key, ...converter.toConnectHeader('t', key, bytes) })));
        expect([...back].map(({ key }) => key)).toEqual(entries.map(([key]) => key));
        expect([...back].every((header, index) => sameData(header, entries[index]![1]))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("Java's texts of numbers", () => {
  it('read back as the same number', async () => {
    await fc.assert(
      fc.property(fc.double(), (value) => Object.is(Number(doubleToString(value)), value)),
      { numRuns: 2000 },
    );
    await fc.assert(
      fc.property(fc.float(), (value) => Object.is(Math.fround(Number(floatToString(value))), value)),
      { numRuns: 2000 },
    );
  });

  it('of decimals read back with the same scale', async () => {
    await fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -40, max: 40 }), (unscaled, scale) => {
        const decimal = new BigDecimal(unscaled, scale);
        return BigDecimal.parse(decimal.toString()).equals(decimal) && BigDecimal.parse(decimal.toPlainString()).compareTo(decimal) === 0;
      }),
    );
  });
});
