import { type CalendarSystem, dateText, two } from '../calendar.ts';
import { type Instant, timeText } from '../instant.ts';
import type { TimeZone } from '../time-zone.ts';

const DAY_MS = 86_400_000;

// The texts of PostgreSQL's JDBC driver (TimestampUtils.toString). They travel without a type, so what they become is up to the column:
// a `timestamp` takes no notice of the offset, a text column shows it.

/** `2024-02-29 12:34:56.789+05:30` */
export function postgresTimestamp({ epochMs, nanos }: Instant, zone: TimeZone, calendar: CalendarSystem): string {
  const offset = zone.offsetAt(epochMs);
  const wall = epochMs + offset;
  const day = Math.floor(wall / DAY_MS);
  return withEra(dateText(day, calendar), ` ${timeText(wall - day * DAY_MS)}${fraction(nanos)}${offsetText(offset)}`);
}

/** `2024-02-29 +05:30`: the day that midnight UTC falls on in the zone. */
export function postgresDate(value: Date, zone: TimeZone, calendar: CalendarSystem): string {
  const ms = value.getTime();
  const offset = zone.offsetAt(ms);
  return withEra(dateText(Math.floor((ms + offset) / DAY_MS), calendar), ` ${offsetText(offset)}`);
}

/** `12:34:56.789+05:30` */
export function postgresTime(value: Date, zone: TimeZone): string {
  const ms = value.getTime();
  const offset = zone.offsetAt(ms);
  const ofDay = (((ms + offset) % DAY_MS) + DAY_MS) % DAY_MS;
  return `${timeText(ofDay)}${fraction((ofDay % 1000) * 1_000_000)}${offsetText(offset)}`;
}

/** The era comes last. */
function withEra(date: string, rest: string): string {
  return date.endsWith(' BC') ? `${date.slice(0, -3)}${rest} BC` : date + rest;
}

/** Microseconds, rounded, without zeros at the end. */
function fraction(nanos: number): string {
  const micros = Math.min(Math.round(nanos / 1000), 999_999);
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
}

function offsetText(offsetMs: number): string {
  const seconds = Math.abs(offsetMs) / 1000;
  const minutes = Math.floor(seconds / 60) % 60;
  const text = `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(seconds / 3600))}`;
  if (minutes === 0 && seconds % 60 === 0) return text;
  return seconds % 60 === 0 ? `${text}:${two(minutes)}` : `${text}:${two(minutes)}:${two(seconds % 60)}`;
}
