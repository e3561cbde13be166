import { describe, expect, it } from 'vitest';
import { parseVersionRange } from '../../../lib/config/version-range.ts';

describe('version ranges', () => {
  it.each([
    ['4.3', '[4.3,4.3]', true],
    ['1.0', '[1.0,1.0]', false],
    ['[4.0,)', '[4.0,)', true],
    ['(,4.3.0)', '(,4.3.0)', false],
    ['[1.0,2.0],[3.0,)', '[1.0,2.0],[3.0,)', true],
    ['[4.3.0-SNAPSHOT,)', '[4.3.0-SNAPSHOT,)', true],
    ['(,4.3.0-rc1]', '(,4.3.0-rc1]', false],
    ['', '[,]', false],
    ['[,]', '[,]', true],
  ])('%s', (spec, text, included) => {
    const range = parseVersionRange(spec);
    expect([range.text, range.includes('4.3.0')]).toEqual([text, included]);
  });

  it.each([
    ['[1.0', 'Unbounded range: [1.0'],
    ['(1.0)', 'Single version must be surrounded by []: (1.0)'],
    ['[2.0,1.0]', 'Range defies version ordering: [2.0,1.0]'],
    ['[2.0,3.0],[1.0,2.0]', 'Ranges overlap: [2.0,3.0],[1.0,2.0]'],
    ['[1.0]x', 'Only fully-qualified sets allowed in multiple set scenario: [1.0]x'],
  ])('refuses %s', (spec, message) => {
    expect(() => parseVersionRange(spec)).toThrow(message);
  });
});
