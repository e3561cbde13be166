import { describe, expect, it } from 'vitest';
import { JsonConverter } from '../../../lib/converters/json-converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';

const UNREADABLE = 'Converting byte[] to Kafka Connect data failed due to serialization error: ';

function converter(config: Record<string, string> = {}): JsonConverter {
  const json = new JsonConverter();
  json.configure(config, false);
  return json;
}

const read = (text: string | Uint8Array, config: Record<string, string> = { 'schemas.enable': 'false' }) =>
  converter(config).toConnectData('t', typeof text === 'string' ? Buffer.from(text) : text);

const envelope = (schema: string, payload: string) => `{"schema":${schema},"payload":${payload}}`;

describe('JsonConverter', () => {
  describe('text that is no JSON', () => {
    it.each([
      '{',
      '{"a"}',
      '{"a":1,}',
      '[1,]',
      '[1 2]',
      '"a',
      '"\u0001"',
      '"\\x"',
      '"\\u12"',
      '5.',
      '1e',
      '-',
      '+5',
      '.5',
      'nul',
      'truex',
      '1x',
      "'a'",
    ])('%s', (text) => {
      expect(() => read(text)).toThrow(UNREADABLE);
    });

    it('is refused where it is nested too deep', () => {
      expect(read('['.repeat(1000) + ']'.repeat(1000)).value).toHaveLength(1);
      expect(() => read('['.repeat(1001) + ']'.repeat(1001))).toThrow(UNREADABLE);
    });
  });

  describe('bytes that are no UTF-8', () => {
    it('fail where they are read', () => {
      expect(() => read(Buffer.from('22ff22', 'hex'))).toThrow(UNREADABLE);
    });

    it('do not matter behind the first value', () => {
      expect(read(Buffer.from('7b7d20ff', 'hex')).value).toEqual(new Map());
    });

    it('may be a surrogate of three bytes, as for Jackson', () => {
      expect(read(Buffer.from('22eda08022', 'hex')).value).toBe('\ud800');
    });

    it('may spell the replacement character', () => {
      expect(read('"\ufffd"').value).toBe('\ufffd');
    });
  });

  describe('envelopes', () => {
    it('of one schema are read alike, first and later', () => {
      const json = converter();
      const struct = '{"type":"struct","fields":[{"type":"int32","field":"payload"},{"type":"string","optional":true,"field":"s"}]}';
      const values = ['{"payload":1,"s":"x"}', '{"s":"y","payload":2}', '{"payload":3}', '{"other":[{}],"payload":4,"s":null}'];

      const results = values.map((value) => json.toConnectData('t', Buffer.from(envelope(struct, value))));

      expect(results.map(({ value }) => String(value))).toEqual([
        'Struct{payload=1,s=x}',
        'Struct{payload=2,s=y}',
        'Struct{payload=3}',
        'Struct{payload=4}',
      ]);
      expect(new Set(results.map(({ schema }) => schema)).size).toBe(1);
    });

    it('with a member twice keep the last one, also when the first does not fit', () => {
      const struct = '{"type":"struct","fields":[{"type":"array","items":{"type":"int32"},"field":"a"}]}';
      const json = converter();

      for (let time = 0; time < 2; time++) {
        const { value } = json.toConnectData('t', Buffer.from(envelope(struct, '{"a":[null],"a":[1]}')));
        expect(String(value)).toBe('Struct{a=[1]}');
      }
    });

    it('with further members are refused, also when the schema is known', () => {
      const json = converter();
      json.toConnectData('t', Buffer.from(envelope('{"type":"int32"}', '1')));

      expect(() => json.toConnectData('t', Buffer.from('{"schema":{"type":"int32"},"payload":1,"x":2}'))).toThrow(
        'may not contain additional fields',
      );
    });

    it('that are no JSON behind a value that does not fit are no JSON first of all', () => {
      const json = converter();
      json.toConnectData('t', Buffer.from(envelope('{"type":"int32"}', '1')));

      expect(() => json.toConnectData('t', Buffer.from('{"schema":{"type":"int32"},"payload":null,'))).toThrow(UNREADABLE);
    });

    it('of many schemas do not mix', () => {
      const json = converter({ 'schemas.cache.size': '2' });

      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 20; i++) {
          const { schema, value } = json.toConnectData('t', Buffer.from(envelope(`{"type":"int32","name":"n${i}"}`, String(i))));
          expect([schema?.name, value]).toEqual([`n${i}`, i]);
        }
      }
    });

    it('check a null that a text became in a struct', () => {
      const text = envelope('{"type":"struct","fields":[{"type":"string","field":"a"}]}', '{"a":5}');

      expect(() => read(text, {})).toThrow('Invalid value: null used for required field: "a", schema type: STRING');
    });
  });

  describe('numbers', () => {
    it.each([
      ['int32', '4294967297', 1],
      ['int32', '1e999999999', 0],
      ['int8', '255', -1],
      ['int64', '18446744073709551617', 1n],
      ['int64', '4.9999999999999999999999', 4n],
      ['float', '16777217', 16_777_216],
      ['double', '-0.0', 0],
    ])('%s of %s', (type, text, expected) => {
      expect(read(envelope(`{"type":"${type}"}`, text), {}).value).toBe(expected);
    });
  });

  it('writes a struct of an equal schema that is another object', () => {
    const build = () => SchemaBuilder.struct().field('a', INT32_SCHEMA).field('b "c"', STRING_SCHEMA).build();
    const struct = new Struct(build()).put('a', 1).put('b "c"', 'x');

    const bytes = converter({ 'schemas.enable': 'false' }).fromConnectData('t', build(), struct)!;

    expect(Buffer.from(bytes).toString()).toBe('{"a":1,"b \\"c\\"":"x"}');
  });
});
