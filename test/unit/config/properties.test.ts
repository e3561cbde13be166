import { describe, expect, it } from 'vitest';
import { parseProperties } from '../../../lib/config/properties.ts';

describe('parseProperties', () => {
  it.each([
    ['a=1', { a: '1' }],
    ['a = 1 ', { a: '1 ' }],
    ['a:1', { a: '1' }],
    ['a 1', { a: '1' }],
    ['  a\t=\t1', { a: '1' }],
    ['a', { a: '' }],
    ['a==b', { a: '=b' }],
    ['a = : b', { a: ': b' }],
    ['a\\=b=c', { 'a=b': 'c' }],
    ['a\\ b c', { 'a b': 'c' }],
    ['a\\:b:c', { 'a:b': 'c' }],
    ['# comment\n! comment\na=1', { a: '1' }],
    ['#a=1\\\nb=2', { b: '2' }],
    ['a=1\\\n   2', { a: '12' }],
    ['a=1\\\r\n   2\r\nb=3\rc=4', { a: '12', b: '3', c: '4' }],
    ['a=1\\\\\nb=2', { a: '1\\', b: '2' }],
    ['a=1\\\n# 2', { a: '1# 2' }],
    ['a=x\\\n\nb=2', { a: 'x', b: '2' }],
    ['a=\\t\\n\\r\\f\\q\\\\', { a: '\t\n\r\fq\\' }],
    ['a=\\u00e9\\u20AC', { a: 'é€' }],
    ['a=1\na=2', { a: '2' }],
    ['a=1\\', { a: '1' }],
    ['__proto__=1', Object.fromEntries([['__proto__', '1']])],
    ['', {}],
  ])('reads %j', (text, expected) => {
    expect(parseProperties(text)).toEqual(expected);
  });

  it('refuses a malformed \\u escape and says where', () => {
    expect(() => parseProperties('a=1\nb=\\u12g4')).toThrow('malformed \\uxxxx encoding in line 2: \\u12g4');
  });
});
