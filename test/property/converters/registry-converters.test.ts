import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { JsonSchemaConverter } from '../../../lib/converters/json-schema-converter.ts';
import { ProtobufConverter } from '../../../lib/converters/protobuf-converter.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { BigDecimal } from '../../../lib/core/data/big-decimal.ts';
import type { Schema } from '../../../lib/core/data/schema.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { DataException } from '../../../lib/core/errors.ts';
import { IllegalArgumentException } from '../../../lib/core/java/exceptions.ts';
import { SchemaParseException } from '../../../lib/formats/avro/avro-errors.ts';
import { CaseRegistry } from '../../conformance/registry/case-registry.ts';
import { dataKind, structKind } from '../../support/arbitrary-data.ts';

const RUNS = process.env.LONG === '1' ? 3000 : 60;
const MIDNIGHT_AFTER = 86_400_000;

describe('arbitrary Connect data through a registry', () => {
  const registry = new CaseRegistry([], [], []);

  beforeAll(() => registry.start());
  afterAll(() => registry.stop());

  function configured(converter: Converter, config: Readonly<Record<string, string>> = {}): Converter {
    converter.configure({ 'schema.registry.url': registry.url, ...config }, false);
    return converter;
  }

  it('comes back from JSON Schema as it was, schema and all', async () => {
    const property = fc.asyncProperty(
      dataKind.chain(({ schema, values }) => values.map((value) => [schema, value] as const)),
      async ([schema, value]) => {
        const bytes = await configured(new JsonSchemaConverter()).fromConnectData('t', schema, value);
        const read = await configured(new JsonSchemaConverter()).toConnectData('t', bytes);

        expect(shape(read.schema)).toEqual(shape(schema));
        expect(plain(read.value)).toEqual(plain(value ?? schema.defaultValue));
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  });

  it('comes back from Avro as it was, schema and all, or is refused', async () => {
    let came = 0;
    const property = fc.asyncProperty(
      dataKind.chain(({ schema, values }) => values.map((value) => [schema, value] as const)),
      async ([schema, value]) => {
        if (holdsHalfPair(value ?? schema.defaultValue)) return;
        let bytes: Uint8Array | null;
        try {
          bytes = await configured(new AvroConverter()).fromConnectData('avro', schema, value);
        } catch (error) {
          // two records of one name: what Avro cannot hold is refused, never changed
          if (error instanceof DataException || error instanceof SchemaParseException) return;
          throw error;
        }
        const read = await configured(new AvroConverter()).toConnectData('avro', bytes);

        came++;
        expect(plain(read.value)).toEqual(plain(value ?? schema.defaultValue));
        if (bytes !== null) expect(shape(read.schema)).toEqual(shape(schema));
      },
    );
    await fc.assert(property, { numRuns: RUNS });
    expect(came).toBeGreaterThan(RUNS / 4);
  });

  it('comes back from Protobuf with optional fields as it was, or is refused', async () => {
    const options = { 'optional.for.nullables': 'true' };
    let came = 0;
    const property = fc.asyncProperty(
      structKind.chain(({ schema, values }) => values.map((value) => [schema, value as Struct] as const)),
      async ([schema, value]) => {
        // As Confluent's converter has it, a null in a map comes back as the zero of its type.
        if (holdsNullInMap(value)) return;
        let bytes: Uint8Array | null;
        try {
          bytes = await configured(new ProtobufConverter(), options).fromConnectData('t', schema, value);
        } catch (error) {
          // Lists of lists, two messages of one name, half a surrogate pair: what Protobuf cannot hold is refused, never changed.
          if (error instanceof DataException || error instanceof IllegalArgumentException) return;
          throw error;
        }
        const read = (await configured(new ProtobufConverter(), options).toConnectData('t', bytes)).value as Struct;

        came++;
        for (const { name, index } of schema.fields!) {
          const field = schema.fields![index]!.schema;
          expect([name, plain(emptied(field, read.get(name)))]).toEqual([name, plain(emptied(field, value.get(name)))]);
        }
      },
    );
    await fc.assert(property, { numRuns: RUNS });
    expect(came).toBeGreaterThan(RUNS / 4);
  });

  it('bytes that are no message are bad data, never something else', async () => {
    const schema = await structSchema();
    const protobuf = configured(new ProtobufConverter());
    const json = configured(new JsonSchemaConverter());
    const protobufBytes = (await protobuf.fromConnectData('p', schema, new Struct(schema).put('f', 'text')))!;
    const jsonBytes = (await json.fromConnectData('j', schema, new Struct(schema).put('f', 'text')))!;
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 30 }), async (junk) => {
      for (const [converter, topic, bytes] of [
        [protobuf, 'p', protobufBytes],
        [json, 'j', jsonBytes],
      ] as const) {
        const damaged = Uint8Array.from([...bytes.subarray(0, 5), ...junk]);
        try {
          await converter.toConnectData(topic, damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(DataException);
        }
      }
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});

async function structSchema(): Promise<Schema> {
  const { SchemaBuilder } = await import('../../../lib/core/data/schema-builder.ts');
  return SchemaBuilder.struct().name('a.B').field('f', SchemaBuilder.string().build()).build();
}

function holdsNullInMap(value: unknown): boolean {
  if (value instanceof Map) return [...value].some(([key, entry]) => key === null || entry === null || holdsNullInMap(entry));
  if (value instanceof Struct) return value.schema.fields!.some((field) => holdsNullInMap(value.get(field)));
  return Array.isArray(value) && value.some(holdsNullInMap);
}

/** A schema without the version that the registry gives to one that has none. */
function shape(schema: Schema | null): unknown {
  if (schema === null) return null;
  return {
    type: schema.type,
    optional: schema.optional,
    name: schema.name,
    doc: schema.doc,
    parameters: schema.parameters === null ? [] : [...schema.parameters].sort(),
    default: plain(schema.defaultValue),
    fields: schema.fields?.map((field) => [field.name, shape(field.schema)]),
    key: shape(schema.keySchema),
    value: shape(schema.valueSchema),
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Struct) {
    return value.schema.fields!.map(({ name, index, schema }) => [name, plain(value.valueAt(index) ?? schema.defaultValue)]);
  }
  if (value instanceof Map)
    return [...value]
      .map(([key, entry]) => [plain(key), plain(entry)])
      .sort((a, b) => (JSON.stringify(a, text) < JSON.stringify(b, text) ? -1 : 1));
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof BigDecimal) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.getTime() === MIDNIGHT_AFTER ? 0 : value.getTime();
  return value ?? null;
}

/** UTF-8 has no half of a surrogate pair; Avro writes the replacement character for one, where Java writes a question mark. */
function holdsHalfPair(value: unknown): boolean {
  return /\\ud[89a-f]/.test(JSON.stringify(plain(value), text) ?? '');
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

/**
 * A value with the fields of its own schema. Protobuf does not tell a list that is empty from one that is null, and a struct that has the name of
 * the one around it is written as that one, so that more fields are read than were written.
 */
function emptied(schema: Schema, value: unknown): unknown {
  if (schema.type === 'ARRAY') return ((value ?? []) as unknown[]).map((element) => emptied(schema.valueSchema!, element));
  if (schema.type === 'MAP') {
    const entries = [...((value ?? new Map()) as ReadonlyMap<unknown, unknown>)];
    return new Map(entries.map(([key, entry]) => [key, emptied(schema.valueSchema!, entry)]));
  }
  if (schema.type === 'STRUCT' && value instanceof Struct) {
    return schema.fields!.map(({ name, schema: field }) => [name, emptied(field, value.get(name))]);
  }
  return value;
}
