import { describe, expect, it } from 'vitest';
import { dateText, dayOf } from '../../../../lib/connectors/jdbc/calendar.ts';
import { postgresDate, postgresTime, postgresTimestamp } from '../../../../lib/connectors/jdbc/dialects/postgres-times.ts';
import { instantOfMs, instantText, parseEpochMs, parseInstant } from '../../../../lib/connectors/jdbc/instant.ts';
import { timeZone } from '../../../../lib/connectors/jdbc/time-zone.ts';

const UTC = timeZone('UTC');
const NEW_YORK = timeZone('America/New_York');

describe('calendar', () => {
  it('counts Julian before 15 October 1582, as java.sql.Date', () => {
    expect(dayOf(1582, 10, 4, 'LEGACY')).toBe(dayOf(1582, 10, 15, 'LEGACY') - 1);
    expect(dateText(-141_428, 'LEGACY')).toBe('1582-10-04');
    expect(dateText(-141_428, 'PROLEPTIC_GREGORIAN')).toBe('1582-10-14');
  });

  it('reads back every day that it writes', () => {
    for (let day = -1_000_000; day < 1_000_000; day += 997) {
      const text = dateText(day, 'LEGACY');
      const match = /^(\d+)-(\d+)-(\d+)( BC)?$/.exec(text)!;
      const year = match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]);
      expect(dayOf(year, Number(match[2]), Number(match[3]), 'LEGACY'), text).toBe(day);
    }
  });
});

describe('TimeZone', () => {
  it('takes the offset before a gap and standard time in an overlap', () => {
    expect(parseEpochMs('2024-03-10 02:30:00', NEW_YORK, 'LEGACY')).toBe(Date.UTC(2024, 2, 10, 7, 30));
    expect(parseEpochMs('2024-11-03 01:30:00', NEW_YORK, 'LEGACY')).toBe(Date.UTC(2024, 10, 3, 6, 30));
    expect(parseEpochMs('2024-07-01 12:00:00', NEW_YORK, 'LEGACY')).toBe(Date.UTC(2024, 6, 1, 16));
  });

  it('knows fixed offsets', () => {
    expect(timeZone('GMT+05:30').instantOf(0)).toBe(-19_800_000);
  });

  it('refuses names that are none', () => {
    expect(() => timeZone('Mars/Olympus')).toThrow(
      'Invalid value Mars/Olympus for configuration db.timezone: Invalid time zone identifier',
    );
  });
});

describe('parseInstant', () => {
  it('keeps nanoseconds and offsets', () => {
    expect(parseInstant('2024-07-01 00:00:00.123456-05', UTC, 'LEGACY')).toEqual({ epochMs: 1_719_810_000_123, nanos: 123_456_000 });
    expect(parseInstant('1969-12-31 23:59:59.999999', UTC, 'LEGACY')).toEqual({ epochMs: -1, nanos: 999_999_000 });
    expect(parseInstant('0044-03-15 12:00:00 BC', UTC, 'LEGACY')?.epochMs).toBe(parseEpochMs('0044-03-15 12:00:00 BC', UTC, 'LEGACY'));
    expect(parseInstant('infinity', UTC, 'LEGACY')).toBeNull();
  });

  it('agrees with the quick reader', () => {
    for (const text of [
      '2024-02-29 12:34:56',
      '2024-02-29 12:34:56.7',
      '2024-02-29 12:34:56.789012',
      '2024-02-29 12:34:56.789+02',
      '1500-06-15 01:02:03',
    ]) {
      expect(parseEpochMs(text, NEW_YORK, 'LEGACY'), text).toBe(parseInstant(text, NEW_YORK, 'LEGACY')?.epochMs);
    }
  });

  it('refuses what only looks like a time', () => {
    for (const text of ['2024-02-29 12:34:5x', '2024-02-29 12:34:56.x', '2024-02-29T', 'abc', ''])
      expect(parseEpochMs(text, UTC, 'LEGACY'), text).toBeNaN();
  });
});

describe('instantText', () => {
  it('writes wall time', () => {
    expect(instantText(instantOfMs(-1), timeZone('Asia/Kolkata'), 'LEGACY', 6)).toBe('1970-01-01 05:29:59.999000');
    expect(instantText(instantOfMs(1_709_210_096_789), UTC, 'LEGACY', 0)).toBe('2024-02-29 12:34:56');
  });
});

describe('texts of the JDBC driver of PostgreSQL', () => {
  const KOLKATA = timeZone('Asia/Kolkata');

  it('carry the offset, and microseconds without zeros at the end', () => {
    expect(postgresTimestamp(instantOfMs(1_709_210_096_700), UTC, 'LEGACY')).toBe('2024-02-29 12:34:56.7+00');
    expect(postgresTimestamp({ epochMs: 0, nanos: 123_456_500 }, KOLKATA, 'LEGACY')).toBe('1970-01-01 05:30:00.123457+05:30');
    expect(postgresTimestamp(instantOfMs(-63_500_000_000_000), UTC, 'PROLEPTIC_GREGORIAN')).toBe('0044-10-07 07:06:40+00 BC');
    expect(postgresDate(new Date(0), NEW_YORK, 'LEGACY')).toBe('1969-12-31 -05');
    expect(postgresTime(new Date(45_296_789), KOLKATA)).toBe('18:04:56.789+05:30');
  });
});
