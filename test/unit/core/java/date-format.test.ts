import { describe, expect, it } from 'vitest';
import { JavaDateFormat } from '../../../../lib/core/java/date-format.ts';

const NOW = Date.UTC(2026, 10, 22);
const MOMENT = 1_709_210_096_789;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

describe('JavaDateFormat', () => {
  it.each([
    ['EEEE d MMMM yyyy GGGG', 'Thursday 29 February 2024 AD'],
    ['YYYY ww W F u D', '2024 09 5 5 4 60'],
    ['zzzz Z X', 'Coordinated Universal Time +0000 Z'],
    ['h K k H a', '12 0 12 12 PM'],
    ['y yy yyy yyyyy', '2024 24 2024 02024'],
    ['S SS SSSS', '789 789 0789'],
    ["yyyy 'o''clock'", "2024 o'clock"],
  ])('prints %s', (pattern, expected) => {
    expect(new JavaDateFormat(pattern, NOW).format(MOMENT)).toBe(expected);
  });

  it.each([
    ['yyyyMMdd', '20240229', '2024-02-29T00:00:00.000Z'],
    ['yyyy-MM-dd', '2024-02-30 and more', '2024-03-01T00:00:00.000Z'],
    ['EEE, d MMM yyyy HH:mm:ss Z', 'Thu, 29 Feb 2024 12:34:56 +0100', '2024-02-29T11:34:56.000Z'],
    ['yy-MM', '45-12', '2045-12-01T00:00:00.000Z'],
    ['yy-MM', '47-12', '1947-12-01T00:00:00.000Z'],
    ['yyyy-DDD', '2024-060', '2024-02-29T00:00:00.000Z'],
    ['hh a', '12 AM', '1970-01-01T00:00:00.000Z'],
    ["YYYY-'W'ww-u", '2024-W09-8', '2024-03-04T00:00:00.000Z'],
    ['HH:mm z', '10:00 GMT+1:30', '1970-01-01T08:30:00.000Z'],
    ['HH:mmXXX', '10:00+02:00', '1970-01-01T08:00:00.000Z'],
    ['yyyy-MM-dd', '1500-03-01', '1500-03-11T00:00:00.000Z'],
  ])('reads %s of %s', (pattern, text, expected) => {
    expect(iso(new JavaDateFormat(pattern, NOW).parse(text))).toBe(expected);
  });

  it('reads back what it prints, in the Julian calendar too', () => {
    const format = new JavaDateFormat("G yyyy-MM-dd'T'HH:mm:ss.SSS", NOW);

    for (let ms = -70_000_000_000_000; ms < 4_000_000_000_000; ms += 12_345_678_901) expect(format.parse(format.format(ms))).toBe(ms);
  });

  it.each([
    ['yyyy-bb', "Illegal pattern character 'b'"],
    ["yyyy 'x", 'Unterminated quote'],
    ['XXXX', 'invalid ISO 8601 format: length=4'],
  ])('refuses the pattern %s', (pattern, message) => {
    expect(() => new JavaDateFormat(pattern, NOW)).toThrow(message);
  });
});
