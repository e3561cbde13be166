import { type CalendarSystem, dateText, dayOf, two } from './calendar.ts';
import type { TimeZone } from './time-zone.ts';

const DAY_MS = 86_400_000;

/** A moment as java.sql.Timestamp holds it. */
export interface Instant {
  /** Milliseconds since the epoch, rounded down. */
  readonly epochMs: number;
  /** Nanoseconds within the second, 0…999,999,999: the milliseconds again and what is finer. */
  readonly nanos: number;
}

/** A point in time with milliseconds only. */
export function instantOfMs(epochMs: number): Instant {
  return { epochMs, nanos: (((epochMs % 1000) + 1000) % 1000) * 1_000_000 };
}

export function compareInstants(a: Instant, b: Instant): number {
  return a.epochMs - b.epochMs || a.nanos - b.nanos;
}

const PATTERN =
  /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?|Z)?( BC)?$/;

/**
 * Reads `2024-02-29 12:34:56.789012+02`. Without an offset it is wall time of `zone`. null = no such text.
 */
export function parseInstant(text: string, zone: TimeZone, calendar: CalendarSystem): Instant | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const year = match[12] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  const seconds = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + Number(match[6] ?? 0);
  const nanos = match[7] === undefined ? 0 : Number(match[7].padEnd(9, '0'));
  const wallMs = dayOf(year, Number(match[2]), Number(match[3]), calendar) * DAY_MS + seconds * 1000 + Math.trunc(nanos / 1_000_000);
  if (match[8] !== undefined) {
    const offsetSeconds = Number(match[9]) * 3600 + Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0);
    return { epochMs: wallMs - (match[8] === '-' ? -1 : 1) * offsetSeconds * 1000, nanos };
  }
  return { epochMs: text.endsWith('Z') ? wallMs : zone.instantOf(wallMs), nanos };
}

/** Milliseconds of {@link parseInstant}, without making an object; NaN = no such text. The common form is read without a pattern. */
export function parseEpochMs(text: string, zone: TimeZone, calendar: CalendarSystem): number {
  const length = text.length;
  if (length >= 19 && length <= 26 && text.charCodeAt(4) === 45 && text.charCodeAt(10) === 32 && text.charCodeAt(length - 3) !== 43) {
    const year = digits(text, 0, 4);
    const month = digits(text, 5, 7);
    const day = digits(text, 8, 10);
    const hour = digits(text, 11, 13);
    const minute = digits(text, 14, 16);
    const second = digits(text, 17, 19);
    const fraction = length === 19 ? 0 : text.charCodeAt(19) === 46 ? milliseconds(text, length) : Number.NaN;
    if (year >= 1583 && !Number.isNaN(month + day + hour + minute + second + fraction)) {
      return zone.instantOf(Date.UTC(year, month - 1, day, hour, minute, second, fraction));
    }
  }
  return parseInstant(text, zone, calendar)?.epochMs ?? Number.NaN;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function milliseconds(text: string, end: number): number {
  let value = 0;
  for (let index = 20; index < 23; index++) {
    const digit = index < end ? text.charCodeAt(index) - 48 : 0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  // Whatever follows must be digits too, e.g. not an offset.
  return Number.isNaN(digits(text, Math.min(23, end), end)) ? Number.NaN : value;
}

/** `2024-02-29 12:34:56.789`: wall time of a zone. `fractionDigits` cuts, never rounds; 0 leaves the point out. */
export function instantText(instant: Instant, zone: TimeZone, calendar: CalendarSystem, fractionDigits: number): string {
  const wall = instant.epochMs + zone.offsetAt(instant.epochMs);
  const day = Math.floor(wall / DAY_MS);
  const fraction = fractionDigits === 0 ? '' : `.${String(instant.nanos).padStart(9, '0').slice(0, fractionDigits)}`;
  const date = dateText(day, calendar);
  const era = date.endsWith(' BC');
  const text = `${era ? date.slice(0, -3) : date} ${timeText(wall - day * DAY_MS)}${fraction}`;
  return era ? `${text} BC` : text;
}

/** `12:34:56` of milliseconds since midnight. */
export function timeText(msOfDay: number): string {
  const seconds = Math.floor(msOfDay / 1000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
