import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JavaPattern } from '../../../lib/core/java/regex.ts';

/** Patterns that mean the same to Java and JavaScript, from the syntax both have. */
const pattern: fc.Arbitrary<string> = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '-', '\\.', '\\d', '[ab]', '[^a]', '[a-c]', '(?:)', '\\w'),
    fc.tuple(tie('all'), tie('all')).map(([left, right]) => left + right),
    fc.tuple(tie('all'), tie('all')).map(([left, right]) => `(?:${left}|${right})`),
    fc.tuple(tie('all'), fc.constantFrom('?', '*', '+', '{1,2}', '*?', '+?')).map(([body, count]) => `(?:${body})${count}`),
    tie('all').map((body) => `(${body})`),
    tie('all').map((body) => `(?=${body})`),
    tie('all').map((body) => `(?!${body})`),
  ),
})).all;

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', '.', '1'), maxLength: 8 });

/** null = refused by name, because a repetition that prefers the empty text ends otherwise in Java. */
function translated(source: string): JavaPattern | null {
  try {
    return new JavaPattern(source);
  } catch (error) {
    expect((error as Error).message).toContain('a repeated group that prefers the empty text, inside of an atomic group or a lookaround');
    return null;
  }
}

describe('JavaPattern', () => {
  it('matches what JavaScript matches where both have the same syntax', async () => {
    await fc.assert(
      fc.property(pattern, text, (source, input) => {
        const java = translated(source);
        fc.pre(java !== null);
        expect(java.matches(input)).toBe(new RegExp(`^(?:${source})$`, 'v').test(input));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches a quoted text by itself and nothing else', async () => {
    const any = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\\E'));

    await fc.assert(
      fc.property(any, any, (quoted, other) => {
        const java = new JavaPattern(`\\Q${quoted}\\E`);
        expect(java.matches(quoted)).toBe(true);
        expect(java.matches(other)).toBe(quoted === other);
      }),
    );
  });

  it('replaces by the groups that JavaScript finds, where no group is in a loop', async () => {
    await fc.assert(
      fc.property(text, text, (left, right) => {
        const replace = new JavaPattern('([ab]*)([^ab].*)?').replacer('<$2|$1>');
        const match = /([ab]*)([^ab].*)?/.exec(left + right)!;
        expect(replace(left + right)).toBe(`<${match[2] ?? ''}|${match[1]}>${(left + right).slice(match[0].length)}`);
      }),
    );
  });

  it('throws nothing but PatternSyntaxException at any text', async () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|^$.\\&-1,:=!<>QEpPx'), maxLength: 10 });

    await fc.assert(
      fc.property(hostile, (source) => {
        try {
          new JavaPattern(source);
        } catch (error) {
          expect((error as Error).name).toBe('PatternSyntaxException');
        }
      }),
      { numRuns: 5000 },
    );
  });
});
