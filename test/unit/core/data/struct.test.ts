import { describe, expect, it } from 'vitest';
import { ConnectDate, ConnectTimestamp } from '../../../../lib/core/data/logical.ts';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import {
  BYTES_SCHEMA,
  FLOAT64_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  STRING_SCHEMA,
} from '../../../../lib/core/data/schemas.ts';
import { Struct } from '../../../../lib/core/data/struct.ts';
import { DataException } from '../../../../lib/core/errors.ts';

const ORDER = SchemaBuilder.struct()
  .name('Order')
  .field('id', INT64_SCHEMA)
  .field('price', FLOAT64_SCHEMA)
  .field('note', OPTIONAL_STRING_SCHEMA)
  .field('currency', SchemaBuilder.string().defaultValue('EUR').build())
  .field('tags', SchemaBuilder.array(STRING_SCHEMA).optional().build())
  .build();

describe('Struct', () => {
  it('keeps values, answers defaults, and prints as Connect does', () => {
    const order = new Struct(ORDER).put('id', 5n).put('price', 2).put('tags', ['a', 'b']);
    expect(order.get('currency')).toBe('EUR');
    expect(order.getWithoutDefault('currency')).toBeNull();
    expect(order.getString('currency')).toBeNull();
    expect(order.getInt64('id')).toBe(5n);
    expect(order.valueAt(1)).toBe(2);
    expect(String(order)).toBe('Struct{id=5,price=2.0,tags=[a, b]}');
    expect(() => order.validate()).not.toThrow();
  });

  it.each([
    ['id', 5, 'Invalid Java object for schema with type INT64: class java.lang.Integer for field: "id"'],
    ['id', null, 'Invalid value: null used for required field: "id", schema type: INT64'],
    ['currency', null, 'Invalid value: null used for required field: "currency", schema type: STRING'],
    ['tags', ['a', null], 'Invalid value: null used for required element of array field: "tags", schema type: STRING'],
    ['nope', 1, 'nope is not a valid field name'],
  ])('refuses %s = %s', (field, value, message) => {
    expect(() => new Struct(ORDER).put(field, value)).toThrow(new DataException(message));
  });

  it('is not valid while a required field is empty', () => {
    expect(() => new Struct(ORDER).put('id', 1n).validate()).toThrow('null used for required field: "price"');
  });

  it('asks for the type of the field', () => {
    expect(() => new Struct(ORDER).getInt32('id')).toThrow("Field 'id' is not of type INT32");
    expect(() => new Struct(INT32_SCHEMA)).toThrow('Not a struct schema: Schema{INT32}');
  });

  it('is equal by schema and content', () => {
    const schema = () => SchemaBuilder.struct().field('b', BYTES_SCHEMA).field('d', ConnectDate.SCHEMA).build();
    const struct = () => new Struct(schema()).put('b', Uint8Array.of(1, 2)).put('d', new Date(0));
    expect(struct().equals(struct())).toBe(true);
    expect(struct().equals(struct().put('b', Uint8Array.of(1)))).toBe(false);
    expect(struct().equals(new Struct(SchemaBuilder.struct().build()))).toBe(false);
  });
});

describe('logical types', () => {
  it('hold every int64 as a timestamp', () => {
    for (const value of [2n ** 63n - 1n, -(2n ** 63n), 8_640_000_000_000_001n, 0n]) {
      const date = ConnectTimestamp.toLogical(ConnectTimestamp.SCHEMA, value);
      expect(date).toBeInstanceOf(Date);
      expect(ConnectTimestamp.fromLogical(ConnectTimestamp.SCHEMA, date)).toBe(value);
    }
  });
});
