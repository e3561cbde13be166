import * as fc from 'fast-check';
import { BigDecimal, Decimal } from '../../lib/core/data/decimal.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../lib/core/data/logical.ts';
import type { Schema } from '../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../lib/core/data/schema-builder.ts';
import { Struct } from '../../lib/core/data/struct.ts';

/** A schema with a way to make values of it. */
export interface DataKind {
  readonly schema: Schema;
  readonly values: fc.Arbitrary<unknown>;
}

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Without NaN, infinities and -0, which JSON as Connect writes it does not keep. */
const DOUBLE = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const FLOAT = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const TEXT = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"\\\n\u0000\u001f\u2028', '\ud800', '__proto__', 'null'),
);
const BYTES = fc.uint8Array({ maxLength: 12 });

type Build = (builder: SchemaBuilder) => SchemaBuilder;

interface Primitive {
  readonly builder: () => SchemaBuilder;
  readonly values: fc.Arbitrary<unknown>;
}

const PRIMITIVES: readonly Primitive[] = [
  { builder: SchemaBuilder.int8, values: fc.integer({ min: -128, max: 127 }) },
  { builder: SchemaBuilder.int16, values: fc.integer({ min: -32768, max: 32767 }) },
  { builder: SchemaBuilder.int32, values: fc.integer() },
  { builder: SchemaBuilder.int64, values: INT64 },
  { builder: SchemaBuilder.float32, values: FLOAT },
  { builder: SchemaBuilder.float64, values: DOUBLE },
  { builder: SchemaBuilder.boolean, values: fc.boolean() },
  { builder: SchemaBuilder.string, values: TEXT },
  { builder: SchemaBuilder.bytes, values: BYTES },
  {
    builder: () => Decimal.builder(3),
    values: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map((unscaled) => new BigDecimal(unscaled, 3)),
  },
  { builder: ConnectDate.builder, values: fc.integer({ min: -100_000, max: 100_000 }).map((days) => new Date(days * 86_400_000)) },
  { builder: ConnectTime.builder, values: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => new Date(ms)) },
  { builder: ConnectTimestamp.builder, values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((s) => new Date(s * 1001)) },
];

/** Optional or not, with or without doc and parameters, with or without a default. */
function withMetadata({ builder, values }: Primitive): fc.Arbitrary<DataKind> {
  const metadata = fc.record({
    optional: fc.boolean(),
    doc: fc.option(TEXT),
    parameter: fc.option(TEXT),
    hasDefault: fc.boolean(),
    default: values,
  });
  return metadata.map(({ optional, doc, parameter, hasDefault, default: defaultValue }) => {
    const build: Build = (schema) => {
      if (optional) schema.optional();
      if (doc !== null) schema.doc(doc);
      if (parameter !== null) schema.parameter('p', parameter);
      return hasDefault ? schema.defaultValue(defaultValue) : schema;
    };
    return { schema: build(builder()).build(), values: optional && !hasDefault ? fc.option(values) : values };
  });
}

const primitive: fc.Arbitrary<DataKind> = fc.constantFrom(...PRIMITIVES).chain(withMetadata);
const key: fc.Arbitrary<DataKind> = fc.oneof(
  fc.constant({ schema: SchemaBuilder.string().build(), values: TEXT }),
  fc.constant({ schema: SchemaBuilder.int32().build(), values: fc.integer() }),
  fc.constant({ schema: SchemaBuilder.int64().build(), values: INT64 }),
);

function nested(depth: number): fc.Arbitrary<DataKind> {
  if (depth === 0) return primitive;
  const below = nested(depth - 1);
  return fc.oneof(primitive, below.map(arrayOf), fc.tuple(key, below).map(mapOf), fc.array(below, { maxLength: 5 }).map(structOf));
}

function arrayOf({ schema, values }: DataKind): DataKind {
  return { schema: SchemaBuilder.array(schema).build(), values: fc.array(values, { maxLength: 4 }) };
}

function mapOf([keys, entries]: readonly [DataKind, DataKind]): DataKind {
  return {
    schema: SchemaBuilder.map(keys.schema, entries.schema).build(),
    values: fc.array(fc.tuple(keys.values, entries.values), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  };
}

function structOf(fields: readonly DataKind[]): DataKind {
  const builder = SchemaBuilder.struct().name('any.Struct').version(2);
  fields.forEach(({ schema }, index) => {
    builder.field(`f${index}`, schema);
  });
  const schema = builder.build();
  return {
    schema,
    values: fc.tuple(...fields.map(({ values }) => values)).map((slots) => {
      const struct = new Struct(schema);
      slots.forEach((value, index) => {
        struct.put(`f${index}`, value);
      });
      return struct;
    }),
  };
}

/** Schemas of every type, nested, with values. */
export const dataKind: fc.Arbitrary<DataKind> = nested(3);
/** Structs only. */
export const structKind: fc.Arbitrary<DataKind> = fc.array(nested(1), { minLength: 1, maxLength: 5 }).map(structOf);

/** Data as JSON without schema is read: texts, INT64, FLOAT64, booleans, null, lists, maps. */
export const schemaless: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, TEXT, INT64, DOUBLE, fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.array(fc.tuple(fc.oneof(fc.constantFrom('f0', 'f1', 'f2'), TEXT), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
})).value;
