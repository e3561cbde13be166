import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonConverter } from '../../../lib/converters/json-converter.ts';
import { valuesEqual } from '../../../lib/core/data/value-equality.ts';
import { dataKind, schemaless } from '../../support/arbitrary-data.ts';

function converter(config: Record<string, string>): JsonConverter {
  const json = new JsonConverter();
  json.configure(config, false);
  return json;
}

describe('JsonConverter', () => {
  const samples = dataKind.chain(({ schema, values }) => fc.tuple(fc.constant(schema), fc.array(values, { minLength: 1, maxLength: 3 })));

  it.each(['BASE64', 'NUMERIC'])('reads back what it wrote, for every schema (decimals as %s)', async (format) => {
    const json = converter({ 'decimal.format': format });

    await fc.assert(
      fc.property(samples, ([schema, values]) => {
        for (const value of values) {
          const read = json.toConnectData('t', json.fromConnectData('t', schema, value));
          expect(read.schema!.equals(schema)).toBe(true);
          expect(valuesEqual(read.value, value)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('reads the payload of a known schema as it reads the whole', async () => {
    const known = converter({});

    await fc.assert(
      fc.property(samples, ([schema, values]) => {
        for (const value of [...values, ...values]) {
          const bytes = known.fromConnectData('t', schema, value);
          expect(valuesEqual(known.toConnectData('t', bytes).value, converter({}).toConnectData('t', bytes).value)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('reads back data without schema', async () => {
    const json = converter({ 'schemas.enable': 'false' });

    await fc.assert(
      fc.property(schemaless, (value) => {
        expect(valuesEqual(json.toConnectData('t', json.fromConnectData('t', null, value)).value, asRead(value))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws anything but DataException at any bytes', async () => {
    const json = converter({});
    const plain = converter({ 'schemas.enable': 'false' });
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.tuple(fc.json(), fc.json()).map(([schema, payload]) => Buffer.from(`{"schema":${schema},"payload":${payload}}`)),
    );

    await fc.assert(
      fc.property(hostile, (bytes) => {
        for (const reader of [json, plain]) {
          try {
            reader.toConnectData('t', bytes);
          } catch (error) {
            expect((error as Error).name).toMatch(/^(DataException|SchemaBuilderException)$/);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** A double that is a whole number within int32 is written as one, and read as INT64: numbers without schema do not tell what they are. */
function asRead(value: unknown): unknown {
  if (typeof value === 'number' && (value | 0) === value) return BigInt(value);
  if (Array.isArray(value)) return value.map(asRead);
  return value instanceof Map ? new Map([...value].map(([key, entry]) => [key, asRead(entry)])) : value;
}
