import { describe, expect, it } from 'vitest';
import { isoInstant } from '../../../../lib/connectors/s3/partitioner/iso-instant.ts';
import { jodaFormat } from '../../../../lib/connectors/s3/partitioner/joda-format.ts';
import { instantOf, jodaZone, nextInDay } from '../../../../lib/connectors/s3/partitioner/joda-zone.ts';

const AT = Date.UTC(2024, 1, 29, 12, 34, 56, 789);

describe('patterns of Joda-Time', () => {
  it.each([
    ["'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", 'en-US', 'year=2024/month=02/day=29/hour=12'],
    ["yyyy 'o''clock' ''", 'en', "2024 o'clock '"],
    ['D/w/e/x/C/SS/SSSS', 'en', '60/9/4/2024/20/78/7890'],
    ['EEEE MMMM a G', 'en', 'Thursday February PM AD'],
    ['EEEE MMMM a G', 'en-US', 'Thu Feb PM CE'],
    ['Z ZZ ZZZ z', 'en', '+0000 +00:00 UTC UTC'],
  ])('%s in %s', (pattern, locale, expected) => {
    expect(jodaFormat(pattern, jodaZone('UTC')!, locale)(AT)).toBe(expected);
  });

  it('refuses a letter that means nothing', () => {
    expect(() => jodaFormat('yyyy/qq', jodaZone('UTC')!, 'en')).toThrow('Illegal pattern component: qq');
  });
});

describe('time zones of Joda-Time', () => {
  it('knows names as they are written, and offsets', () => {
    expect(jodaZone('Europe/Berlin')!.offsetAt(AT)).toBe(3_600_000);
    expect(jodaZone('-03:30')!.offsetAt(AT)).toBe(-12_600_000);
    expect(jodaZone('europe/berlin')).toBeNull();
    expect(jodaZone('nowhere')).toBeNull();
  });

  it('finds the instant of a wall clock in a gap and in an overlap', () => {
    const berlin = jodaZone('Europe/Berlin')!;
    // 02:30 did not exist on 31 March 2024
    expect(new Date(instantOf(berlin, Date.UTC(2024, 2, 31, 2, 30))).toISOString()).toBe('2024-03-31T01:30:00.000Z');
    expect(new Date(instantOf(berlin, Date.UTC(2024, 9, 27, 2, 30))).toISOString()).toBe('2024-10-27T01:30:00.000Z');
  });

  it('counts spans from midnight', () => {
    expect(new Date(nextInDay(AT, 3_600_000, jodaZone('UTC')!)).toISOString()).toBe('2024-02-29T13:00:00.000Z');
    expect(new Date(nextInDay(AT, 50_000_000, jodaZone('UTC')!)).toISOString()).toBe('2024-02-29T13:53:20.000Z');
  });
});

describe('texts of ISO 8601', () => {
  it.each([
    ['2024-02-29T12:34:56.789Z', AT],
    ['2024-02-29T13:34:56,789+01:00', AT],
    ['2024-060', Date.UTC(2024, 1, 29)],
    ['2024-W09-4', Date.UTC(2024, 1, 29)],
    ['2024', Date.UTC(2024, 0, 1)],
    ['T10:30', 37_800_000],
  ])('%s', (text, expected) => {
    expect(isoInstant(text)).toBe(expected);
  });

  it.each(['', 'x', '2024-13-01', '2024-02-30', '2024-02-29 12:00'])('refuses %j', (text) => {
    expect(() => isoInstant(text)).toThrow();
  });
});
