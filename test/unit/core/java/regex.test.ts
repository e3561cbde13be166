import { describe, expect, it } from 'vitest';
import { JavaPattern } from '../../../../lib/core/java/regex.ts';

describe('JavaPattern', () => {
  describe('matches', () => {
    it.each([
      ['orders', 'orders', true],
      ['ord', 'orders', false],
      ['a|ab', 'ab', true],
      ['^orders$', 'orders', true],
      ['^orders$', 'orders\n', false],
      ['(?i)ORDers', 'orders', true],
      ['(?i)[K-M]+', 'klm', true],
      ['(?i)\\u212a', 'k', false],
      ['\\w+', 'é', false],
      ['\\d', '\u0663', false],
      ['.', '\u0085', false],
      ['.', '\u{1f600}', true],
      ['\\p{Lower}+', 'orders', true],
      ['\\p{Lower}+', 'é', false],
      ['\\p{IsLatin}+', 'é', true],
      ['\\Qa.b\\E', 'axb', false],
      ['[a-z&&[^aeiou]]+', 'bcd', true],
      ['[a-z&&[^aeiou]]+', 'bad', false],
      ['[]a]+', ']a', true],
      ['[a-]+', 'a-', true],
      ['(?>a|ab)c', 'abc', false],
      ['o++rders', 'orders', true],
      ['(\\w+)-\\1', 'ab-ab', true],
      ['(\\w+)-\\1', 'ab-ac', false],
      ['a\\2', 'a', false],
      ['(?x) a b # comment', 'ab', true],
      ['my-(prod|dev)-.*', 'my-dev-1', true],
      ['\\x41\\u0042\\0103', 'ABC', true],
      ['}]', '}]', true],
      ['x(?<=x+)', 'x', true],
      ['\\R{2}', '\r\n', false],
      ['(?:(?:\\s|\\W\\D){2,}+|y)', ' A ', false],
      ['[&&a]', 'a', true],
      ['(?m:^)', '', false],
    ])('%s on %j is %s', (pattern, text, expected) => {
      expect(new JavaPattern(pattern).matches(text)).toBe(expected);
    });
  });

  describe('replacer', () => {
    it.each([
      ['(.*)s', 'orders', '$1', 'order'],
      ['a|ab', 'ab', 'X', 'Xb'],
      ['(?<n>.*)-dev', 'x-dev', '${n}', 'x'],
      ['(.)', 'a', '$12', 'a2'],
      ['(.*)-(.*)', 'a-b', '$2\\$$1', 'b$a'],
      ['(a)|b', 'b', '[$1]', '[]'],
    ])('%s on %s by %s is %s', (pattern, text, replacement, expected) => {
      expect(new JavaPattern(pattern).replacer(replacement)(text)).toBe(expected);
    });

    it('finds a mistake in the replacement only when something is replaced', () => {
      const replace = new JavaPattern('a').replacer('$2');

      expect(replace('b')).toBe('b');
      expect(() => replace('a')).toThrow('No group 2');
    });

    it('refuses a group whose text JavaScript would forget', () => {
      expect(() => new JavaPattern('(?:(a)|b)*').replacer('$1')).toThrow('group 1, which need not take part in each repetition');
    });
  });

  describe('what Java refuses', () => {
    it.each([
      ['*a', "Dangling meta character '*' near index 0\n*a\n^"],
      ['(', 'Unclosed group near index 1\n('],
      ['[a', 'Unclosed character class near index 1\n[a\n ^'],
      ['(?<1>a)', 'capturing group name does not start with a Latin letter near index 3\n(?<1>a)\n   ^'],
      ['x{,3}', 'Illegal repetition near index 2\nx{,3}\n  ^'],
      ['(?<=(ab)+)b', 'Look-behind group does not have an obvious maximum length near index 9\n(?<=(ab)+)b\n         ^'],
    ])('%s', (pattern, message) => {
      expect(() => new JavaPattern(pattern)).toThrow(message);
    });
  });

  it.each([
    ['(?iu)é', "the inline flag 'u'"],
    ['(a)?\\1', 'back-reference to group 1, which may not have taken part'],
    ['(?:(a)|b)*?\\1', 'back-reference to group 1'],
    ['(?<=(?>a))b', 'an atomic group, a possessive quantifier or a back-reference in a lookbehind'],
    ['(?>(?:a*?|b)*)', 'a repeated group that prefers the empty text'],
    ['(?:a?)++', 'a possessive quantifier on what may be empty'],
    ['\\X', '\\X'],
    ['a\\b{g}', '\\b{g}'],
  ])('refuses %s by name', (pattern, what) => {
    expect(() => new JavaPattern(pattern)).toThrow(what);
  });
});
