import { describe, expect, it } from 'vitest';
import { DataException } from '../../../lib/core/errors.ts';
import { connectorPk, encodeName } from '../../../lib/state/dynamodb/keys.ts';
import { encodePartition } from '../../../lib/state/dynamodb/offset-item.ts';
import { partsOf } from '../../../lib/state/dynamodb/transaction-item.ts';
import { cutAtBytes } from '../../../lib/state/limits.ts';
import { fromCanonicalJson, toCanonicalJson } from '../../../lib/state/offset-json.ts';

describe('canonical JSON of partitions and offsets', () => {
  it.each([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ big: 9_007_199_254_740_993n }, '{"big":9007199254740993}'],
    [{ number: 1e21, minus: -0 }, '{"minus":0,"number":1000000000000000000000}'],
    [{ half: 1.5, tiny: 1e-7 }, '{"half":1.5,"tiny":1e-7}'],
    [{ text: '"\\\u2028', none: null, yes: true }, '{"none":null,"text":"\\"\\\\\u2028","yes":true}'],
    [{}, '{}'],
  ])('of %o', (map, json) => {
    expect(toCanonicalJson(map)).toBe(json);
    expect(toCanonicalJson(fromCanonicalJson(json, 'item'))).toBe(json);
  });

  it('gives integers beyond 2^53 as bigint, others as numbers', () => {
    expect(fromCanonicalJson('{"a":9007199254740992,"b":9007199254740991,"c":-9223372036854775808,"d":1e30}', 'item')).toEqual({
      a: 9_007_199_254_740_992n,
      b: 9_007_199_254_740_991,
      c: -9_223_372_036_854_775_808n,
      d: 1e30,
    });
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [undefined, 'undefined'],
    [new Date(0), 'MAP'],
    [[1], 'ARRAY'],
    [new Uint8Array(1), 'BYTES'],
  ])('refuses %s', (value, name) => {
    const map = { field: value } as unknown as { field: string };
    expect(() => toCanonicalJson(map)).toThrow(DataException);
    expect(() => toCanonicalJson(map)).toThrow(`Offsets may only contain primitive types as values, but field field contains ${name}`);
  });
});

describe('keys', () => {
  it('keep any name apart from our separator', () => {
    expect(connectorPk('a#b/%')).toBe('connector#a%23b%2F%25');
    expect(connectorPk('a', 3)).toBe('connector#a#3');
    expect(connectorPk('a#3')).toBe('connector#a%233');
    expect(encodeName('\ud800')).toBe('%EF%BF%BD');
  });

  it('are the same for equal partitions and spread over shards', () => {
    expect(encodePartition('c', 1, { a: 1, b: 'x' })).toEqual(encodePartition('c', 1, { b: 'x', a: 1n }));
    const pks = new Set(Array.from({ length: 50 }, (_, at) => encodePartition('c', 4, { at }).key.pk));
    expect([...pks].sort()).toEqual(['connector#c', 'connector#c#1', 'connector#c#2', 'connector#c#3']);
  });
});

describe('limits', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['aü', 2, 'a'],
    ['aü', 3, 'aü'],
    ['🙂🙂', 7, '🙂'],
    ['', 0, ''],
  ])('cut %s at %i bytes', (text, limit, cut) => {
    expect(cutAtBytes(text, limit)).toBe(cut);
  });

  it('spread pending offsets over items that fit', () => {
    expect(partsOf([])).toEqual(['[]']);
    const offsets = Array.from({ length: 5 }, (_, at) => ({ partition: { at }, offset: at === 4 ? null : { text: 'ü'.repeat(100_000) } }));
    const parts = partsOf(offsets);
    expect(parts).toHaveLength(4);
    for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThan(400_000);
    expect(parts.flatMap((part) => JSON.parse(part) as unknown[])).toHaveLength(5);
  });
});
