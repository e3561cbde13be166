import { describe, expect, it } from 'vitest';
import { BigDecimal } from '../../../../lib/core/data/big-decimal.ts';
import { ConnectHeaders } from '../../../../lib/core/data/headers.ts';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, STRING_SCHEMA } from '../../../../lib/core/data/schemas.ts';
import { Struct } from '../../../../lib/core/data/struct.ts';

describe('ConnectHeaders', () => {
  it('adds typed values with their schemas', () => {
    const headers = new ConnectHeaders()
      .addString('s', 'x')
      .addString('null', null)
      .addBoolean('b', true)
      .addByte('i8', 1)
      .addShort('i16', 2)
      .addInt('i32', 3)
      .addLong('i64', 4n)
      .addFloat('f', 1.5)
      .addDouble('d', 2.5)
      .addBytes('by', Uint8Array.of(1))
      .addDecimal('dec', new BigDecimal(125n, 2))
      .addDate('date', new Date(86_400_000))
      .addTime('time', new Date(1))
      .addTimestamp('ts', new Date(5));
    expect([...headers].map(({ schema }) => String(schema))).toEqual([
      'Schema{STRING}',
      'Schema{STRING}',
      'Schema{BOOLEAN}',
      'Schema{INT8}',
      'Schema{INT16}',
      'Schema{INT32}',
      'Schema{INT64}',
      'Schema{FLOAT32}',
      'Schema{FLOAT64}',
      'Schema{BYTES}',
      'Schema{org.apache.kafka.connect.data.Decimal:BYTES}',
      'Schema{org.apache.kafka.connect.data.Date:INT32}',
      'Schema{org.apache.kafka.connect.data.Time:INT32}',
      'Schema{org.apache.kafka.connect.data.Timestamp:INT64}',
    ]);
    expect(() => headers.addDate('date', new Date(1))).toThrow('Kafka Connect Date type should not have any time fields');
    expect(() => headers.addList('l', [], INT32_SCHEMA)).toThrow('Expecting ARRAY but instead found INT32');
  });

  it('gives a struct without schema its own', () => {
    const schema = SchemaBuilder.struct().field('a', INT32_SCHEMA).build();
    expect(new ConnectHeaders().add('h', new Struct(schema), null).lastWithName('h')?.schema).toBe(schema);
  });

  it('replaces and drops by a function', () => {
    const headers = new ConnectHeaders().addString('a', '1').addString('b', '2').addString('a', '3');
    headers.apply('a', (header) => (header.value === '1' ? null : { ...header, value: 'x' }));
    expect([...headers].map(({ key, value }) => `${key}${value}`)).toEqual(['b2', 'ax']);
    headers.apply(({ key }) => ({ key: key.toUpperCase(), value: 'y', schema: STRING_SCHEMA }));
    expect([...headers].map(({ key, value }) => `${key}${value}`)).toEqual(['By', 'Ay']);
  });

  it('is copied for a new record', () => {
    const headers = new ConnectHeaders().addString('a', '1');
    const copy = headers.duplicate().addString('b', '2');
    expect([headers.size, copy.size]).toEqual([1, 2]);
  });
});
