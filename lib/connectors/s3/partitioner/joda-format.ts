import { IllegalArgumentException } from '../../../core/java/exceptions.ts';
import { DAY_MS, firstOfMonth, gregorianDate, weekdayOf } from './gregorian.ts';
import { type JodaSymbols, jodaSymbols } from './joda-symbols.ts';
import type { JodaZone } from './joda-zone.ts';

/** The parts of an instant in a zone that a pattern can show. */
interface Moment {
  readonly epochMs: number;
  readonly offsetMs: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly epochDay: number;
  readonly millisOfDay: number;
}

type Piece = (moment: Moment) => string;

/**
 * Compiles a pattern of Joda-Time's DateTimeFormat; answers the text of an instant in that zone and language.
 * https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
 * Throws IllegalArgumentException with Joda's message.
 */
export function jodaFormat(pattern: string, zone: JodaZone, locale: string): (epochMs: number) => string {
  const pieces = piecesOf(pattern, zone, jodaSymbols(locale));
  return (epochMs) => {
    const moment = momentOf(epochMs, zone.offsetAt(epochMs));
    let text = '';
    for (const piece of pieces) text += piece(moment);
    return text;
  };
}

function momentOf(epochMs: number, offsetMs: number): Moment {
  const local = epochMs + offsetMs;
  const epochDay = Math.floor(local / DAY_MS);
  return { epochMs, offsetMs, ...gregorianDate(epochDay), epochDay, millisOfDay: local - epochDay * DAY_MS };
}

function piecesOf(pattern: string, zone: JodaZone, symbols: JodaSymbols): Piece[] {
  if (pattern === '') throw new IllegalArgumentException('Invalid pattern specification');
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (/[A-Za-z]/.test(char)) {
      let end = at + 1;
      while (pattern[end] === char) end++;
      pieces.push(letterPiece(char, end - at, zone, symbols));
      at = end;
    } else {
      const { text, end } = literal(pattern, at);
      pieces.push(() => text);
      at = end;
    }
  }
  return pieces;
}

/** A run of text: quoted letters and whatever is no letter; two quotes are one. */
function literal(pattern: string, start: number): { readonly text: string; readonly end: number } {
  let text = '';
  let quoted = false;
  let at = start;
  for (; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === "'" && pattern[at + 1] === "'") {
      text += char;
      at++;
    } else if (char === "'") quoted = !quoted;
    else if (!quoted && /[A-Za-z]/.test(char)) break;
    else text += char;
  }
  return { text, end: at };
}

const HOUR_MS = 3_600_000;

function padded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');
}

const hourOf = ({ millisOfDay }: Moment) => Math.floor(millisOfDay / HOUR_MS);
const dayOfYear = ({ epochDay, year }: Moment) => epochDay - firstOfMonth(year, 1) + 1;

/** Year and week as ISO 8601 counts them. */
function week(moment: Moment): { readonly year: number; readonly week: number } {
  const thursday = moment.epochDay - weekdayOf(moment.epochDay) + 4;
  const { year } = gregorianDate(thursday);
  return { year, week: Math.floor((thursday - firstOfMonth(year, 1)) / 7) + 1 };
}

function yearPiece(yearOf: (moment: Moment) => number, count: number): Piece {
  if (count === 2) return (moment) => padded(Math.abs(yearOf(moment)) % 100, 2);
  return (moment) => padded(yearOf(moment), count);
}

function number(partOf: (moment: Moment) => number, width: number): Piece {
  return (moment) => padded(partOf(moment), width);
}

const yearOfEra = ({ year }: Moment) => (year > 0 ? year : 1 - year);

function letterPiece(letter: string, count: number, zone: JodaZone, symbols: JodaSymbols): Piece {
  switch (letter) {
    case 'G':
      return ({ year }) => symbols.era(year > 0);
    case 'C':
      return number((moment) => Math.floor(yearOfEra(moment) / 100), count);
    case 'Y':
      return yearPiece(yearOfEra, count);
    case 'y':
      return yearPiece(({ year }) => year, count);
    case 'x':
      return yearPiece((moment) => week(moment).year, count);
    case 'M':
      return count >= 3 ? ({ month }) => symbols.month(month, count >= 4) : number(({ month }) => month, count);
    case 'd':
      return number(({ day }) => day, count);
    case 'D':
      return number(dayOfYear, count);
    case 'w':
      return number((moment) => week(moment).week, count);
    case 'e':
      return number(({ epochDay }) => weekdayOf(epochDay), count);
    case 'E':
      return ({ epochDay }) => symbols.weekday(weekdayOf(epochDay), count >= 4);
    case 'a':
      return (moment) => symbols.half(hourOf(moment) >= 12);
    case 'h':
      return number((moment) => hourOf(moment) % 12 || 12, count);
    case 'H':
      return number(hourOf, count);
    case 'k':
      return number((moment) => hourOf(moment) || 24, count);
    case 'K':
      return number((moment) => hourOf(moment) % 12, count);
    case 'm':
      return number(({ millisOfDay }) => Math.floor(millisOfDay / 60_000) % 60, count);
    case 's':
      return number(({ millisOfDay }) => Math.floor(millisOfDay / 1000) % 60, count);
    case 'S':
      return ({ millisOfDay }) =>
        padded(millisOfDay % 1000, 3)
          .padEnd(count, '0')
          .slice(0, count);
    case 'z':
      return ({ epochMs }) => (/^[+-]/.test(zone.id) ? zone.id : symbols.zone(zone.id, epochMs, count >= 4));
    case 'Z':
      return count >= 3 ? () => zone.id : ({ offsetMs }) => offsetText(offsetMs, count === 2 ? ':' : '');
    default:
      throw new IllegalArgumentException(`Illegal pattern component: ${letter.repeat(count)}`);
  }
}

function offsetText(offsetMs: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offsetMs) / 60_000);
  return `${offsetMs < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${separator}${padded(minutes % 60, 2)}`;
}
