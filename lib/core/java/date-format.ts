import { type DateField, DateFields, fieldsOf } from './date-fields.ts';
import { type DateToken, ERAS, HALVES, LONG_ERAS, MONTHS, obeysCount, parseDatePattern, WEEKDAYS } from './date-pattern.ts';

const CENTURY_START_YEARS_AGO = 80;

/**
 * java.text.SimpleDateFormat (Java 17) in UTC with the locale en-US: printing, and lenient parsing with all its freedoms — a parsed text
 * may go on behind the pattern, numbers out of range roll over, and Julian dates are read before October 1582.
 */
export class JavaDateFormat {
  readonly pattern: string;
  readonly #tokens: readonly DateToken[];
  readonly #centuryStartMs: number;
  readonly #print: (ms: number) => string;

  /**
   * `nowMs` only matters to patterns with `yy`: two digits mean a year within the hundred years that began eighty years ago.
   * @throws IllegalArgumentException with Java's message, e.g. `Illegal pattern character 'b'`.
   */
  constructor(pattern: string, nowMs: number) {
    this.pattern = pattern;
    this.#tokens = parseDatePattern(pattern);
    const start = new Date(nowMs);
    start.setUTCFullYear(start.getUTCFullYear() - CENTURY_START_YEARS_AGO);
    this.#centuryStartMs = start.getTime();
    this.#print = printer(this.#tokens);
  }

  /** Milliseconds since the epoch as text. */
  format(ms: number): string {
    return this.#print(ms);
  }

  /** The moment a text says, in ms since the epoch; null where Java throws ParseException. */
  parse(text: string): number | null {
    const state: ParseState = {
      text,
      at: 0,
      fields: new DateFields(),
      isAmbiguousYear: false,
      centuryStartYear: new Date(this.#centuryStartMs).getUTCFullYear(),
    };
    for (let i = 0; i < this.#tokens.length; i++) {
      const token = this.#tokens[i]!;
      if ('text' in token) {
        if (!text.startsWith(token.text, state.at)) return null;
        state.at += token.text.length;
      } else if (!parseField(state, token.letter, token.count, obeysCount(this.#tokens[i + 1]))) return null;
    }
    if (state.at === 0) return null;
    let ms = state.fields.toMillis();
    if (state.isAmbiguousYear && ms < this.#centuryStartMs) {
      state.fields.addYears(100);
      ms = state.fields.toMillis();
    }
    return ms;
  }
}

interface ParseState {
  readonly text: string;
  at: number;
  readonly fields: DateFields;
  /** A year of two digits that is the first or the last of the hundred years they may mean. */
  isAmbiguousYear: boolean;
  readonly centuryStartYear: number;
}

const NUMBER_FIELDS: Readonly<Record<string, DateField>> = {
  y: 'year',
  Y: 'weekYear',
  M: 'month',
  L: 'month',
  d: 'day',
  k: 'hourOfDay',
  H: 'hourOfDay',
  m: 'minute',
  s: 'second',
  S: 'millisecond',
  D: 'dayOfYear',
  F: 'dayOfWeekInMonth',
  w: 'weekOfYear',
  W: 'weekOfMonth',
  h: 'hour',
  K: 'hour',
  u: 'dayOfWeek',
};

/** Reads one field; false = the text does not fit. */
function parseField(state: ParseState, letter: string, count: number, obeyCount: boolean): boolean {
  const start = state.at;
  let at = start;
  while (state.text[at] === ' ' || state.text[at] === '\t') at++;
  if (at >= state.text.length) return false;
  switch (letter) {
    case 'G':
      return parseName(state, 'era', [...ERAS, ...LONG_ERAS], (index) => index % 2);
    case 'E':
      return parseName(state, 'dayOfWeek', withShortForms(WEEKDAYS), (index) => (index % 7) + 1);
    case 'a':
      return parseName(state, 'half', HALVES, (index) => index);
    case 'z':
    case 'Z':
      return parseZone(state, at);
    case 'X':
      return parseIsoZone(state, at, count);
    default:
  }
  if ((letter === 'M' || letter === 'L') && count > 2) return parseName(state, 'month', withShortForms(MONTHS), (index) => index % 12);
  if (obeyCount && start + count > state.text.length) return false;
  const number = readInteger(state.text, at, obeyCount ? start + count : state.text.length);
  if (number === null) return false;
  state.at = number.end;
  state.fields.set(NUMBER_FIELDS[letter]!, fieldValue(state, letter, count, number.value, state.text.slice(at, number.end)));
  return true;
}

function fieldValue(state: ParseState, letter: string, count: number, value: number, text: string): number {
  switch (letter) {
    case 'M':
    case 'L':
      return value - 1;
    case 'k':
      return value === 24 ? 0 : value;
    case 'h':
      return value === 12 ? 0 : value;
    case 'u':
      return value < 1 || value > 7 ? value : (value % 7) + 1;
    case 'y':
    case 'Y': {
      if (count > 2 || !/^[0-9]{2}$/.test(text)) return value;
      const pivot = state.centuryStartYear % 100;
      const year = value + state.centuryStartYear - pivot + (value < pivot ? 100 : 0);
      if (value === pivot) state.isAmbiguousYear = true;
      return year;
    }
    default:
      return value;
  }
}

/** A whole number as DecimalFormat reads it, as an int; digits of other scripts are left out. */
function readInteger(text: string, at: number, end: number): { value: number; end: number } | null {
  const match = /^-?[0-9]+(?:E-?[0-9]+)?/.exec(text.slice(at, end));
  if (match === null) return null;
  const exact = Number(match[0]);
  const value = Number.isSafeInteger(exact)
    ? Number(BigInt.asIntN(32, BigInt(exact)))
    : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(exact)));
  return { value, end: at + match[0].length };
}

function withShortForms(names: readonly string[]): string[] {
  return [...names, ...names.map((name) => name.slice(0, 3))];
}

/** The longest of the names that stands here, in any case. Blanks before a name are not skipped, as in Java. */
function parseName(state: ParseState, field: DateField, names: readonly string[], value: (index: number) => number): boolean {
  let best = -1;
  names.forEach((name, index) => {
    const here = state.text.slice(state.at, state.at + name.length);
    if (here.toLowerCase() === name.toLowerCase() && (best < 0 || name.length > names[best]!.length)) best = index;
  });
  if (best < 0) return false;
  state.fields.set(field, value(best));
  state.at += names[best]!.length;
  return true;
}

/** Names of zones that Java reads as the same offset whatever the date, in minutes. (IST is Israel's to Java.) */
const ZONE_MINUTES: Readonly<Record<string, number>> = {
  'Coordinated Universal Time': 0,
  'Greenwich Mean Time': 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  IST: 120,
  SAST: 120,
  HKT: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  ACST: 570,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  HST: -600,
  PST: -480,
  PDT: -420,
  MST: -420,
  MDT: -360,
  CST: -360,
  CDT: -300,
  EST: -300,
  EDT: -240,
};

/** `z` and `Z`: an offset, GMT with or without one, or the name of a zone. Names of other zones are not known here: the text does not parse. */
function parseZone(state: ParseState, at: number): boolean {
  const sign = state.text[at];
  if (sign === '+' || sign === '-') return parseOffset(state, at + 1, sign, 0, false);
  const after = state.text[state.at + 3];
  if (/^GMT$/i.test(state.text.slice(state.at, state.at + 3)) && (after === '+' || after === '-')) {
    return parseOffset(state, state.at + 4, after, 0, true);
  }
  for (const [name, minutes] of Object.entries(ZONE_MINUTES)) {
    if (state.text.slice(at, at + name.length).toLowerCase() === name.toLowerCase()) {
      state.fields.set('zoneOffset', minutes * 60_000);
      state.at = at + name.length;
      return true;
    }
  }
  return false;
}

function parseIsoZone(state: ParseState, at: number, count: number): boolean {
  const sign = state.text[at];
  if (sign === 'Z') {
    state.fields.set('zoneOffset', 0);
    state.at = at + 1;
    return true;
  }
  return (sign === '+' || sign === '-') && parseOffset(state, at + 1, sign, count, count === 3);
}

/** Hours and minutes of an offset; `count` 1 = hours only; hours of one digit only in the form GMT+h:mm. */
function parseOffset(state: ParseState, at: number, sign: '+' | '-', count: number, colon: boolean): boolean {
  const hourDigits = count === 0 && colon ? '[0-9]{1,2}' : '[0-9]{2}';
  const minutes = count === 1 ? '()' : colon ? ':([0-9]{2})' : '([0-9]{2})';
  const match = new RegExp(`^(${hourDigits})${minutes}`).exec(state.text.slice(at));
  if (match === null || Number(match[1]) > 23 || Number(match[2]) > 59) return false;
  const offset = (Number(match[1]) * 60 + Number(match[2])) * 60_000;
  state.fields.set('zoneOffset', sign === '-' ? -offset : offset);
  state.at = at + match[0].length;
  return true;
}

type Fields = ReadonlyMap<DateField, number>;

/** Builds the printer once per pattern. */
function printer(tokens: readonly DateToken[]): (ms: number) => string {
  const parts = tokens.map((token) => ('text' in token ? () => token.text : fieldPrinter(token.letter, token.count)));
  return (ms) => {
    const fields = fieldsOf(ms);
    let text = '';
    for (const part of parts) text += part(fields);
    return text;
  };
}

function padded(value: number, min: number): string {
  return value < 0 ? `-${String(-value).padStart(min, '0')}` : String(value).padStart(min, '0');
}

function fieldPrinter(letter: string, count: number): (fields: Fields) => string {
  switch (letter) {
    case 'G':
      return (fields) => ERAS[fields.get('era')!]!;
    case 'y':
    case 'Y': {
      const field = NUMBER_FIELDS[letter]!;
      return (fields) => (count === 2 ? padded(fields.get(field)! % 100, 2) : padded(fields.get(field)!, count));
    }
    case 'M':
    case 'L':
      if (count < 3) return (fields) => padded(fields.get('month')! + 1, count);
      return (fields) => MONTHS[fields.get('month')!]!.slice(0, count === 3 ? 3 : undefined);
    case 'E':
      return (fields) => WEEKDAYS[fields.get('dayOfWeek')! - 1]!.slice(0, count < 4 ? 3 : undefined);
    case 'u':
      return (fields) => padded(((fields.get('dayOfWeek')! + 5) % 7) + 1, count);
    case 'a':
      return (fields) => HALVES[fields.get('half')!]!;
    case 'k':
      return (fields) => padded(fields.get('hourOfDay')! || 24, count);
    case 'h':
      return (fields) => padded(fields.get('hour')! || 12, count);
    case 'z':
      return () => (count < 4 ? 'UTC' : 'Coordinated Universal Time');
    case 'Z':
      return () => '+0000';
    case 'X':
      return () => 'Z';
    default: {
      const field = NUMBER_FIELDS[letter]!;
      return (fields) => padded(fields.get(field)!, count);
    }
  }
}
