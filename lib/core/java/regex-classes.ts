/** Java's predefined character classes as the inside of a JavaScript class (flag `v`). Without UNICODE_CHARACTER_CLASS they are ASCII. */
const LINE_TERMINATORS = '\\n\\r\\u0085\\u2028\\u2029';

const ESCAPES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z_0-9',
  s: '\\t\\n\\u{b}\\f\\r\\u{20}',
  h: '\\u{20}\\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}',
  v: '\\n\\u{b}\\f\\r\\u{85}\\u{2028}\\u{2029}',
};

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\u{0}-\\u{7f}',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}',
  Graph: '\\u{21}-\\u{7e}',
  Print: '\\u{20}-\\u{7e}',
  Blank: '\\u{20}\\t',
  Cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  XDigit: '0-9a-fA-F',
  Space: '\\t\\n\\u{b}\\f\\r\\u{20}',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaWhitespace:
    '\\t\\n\\u{b}\\f\\r\\u{1c}-\\u{1f}\\u{20}\\u{1680}\\u{2000}-\\u{2006}\\u{2008}-\\u{200a}\\u{2028}\\u{2029}\\u{205f}\\u{3000}',
  L1: '\\u{0}-\\u{ff}',
  all: '\\u{0}-\\u{10ffff}',
};

/** Binary properties that Java writes `IsName`, in lower case, with JavaScript's name. */
const BINARY: Readonly<Record<string, string>> = {
  alphabetic: 'Alphabetic',
  ideographic: 'Ideographic',
  letter: 'L',
  lowercase: 'Lowercase',
  uppercase: 'Uppercase',
  titlecase: 'Lt',
  white_space: 'White_Space',
  whitespace: 'White_Space',
  digit: 'Nd',
  hex_digit: 'Hex_Digit',
  punctuation: 'P',
  control: 'Cc',
  assigned: 'Assigned',
  emoji: 'Emoji',
  emoji_presentation: 'Emoji_Presentation',
};

const CASE_DEPENDENT = new Set([
  'Lower',
  'Upper',
  'javaLowerCase',
  'javaUpperCase',
  'Lu',
  'Ll',
  'Lt',
  'lowercase',
  'uppercase',
  'titlecase',
]);

/** The inside of the class behind `\d`, `\W`, `\h`… ; null = no such letter. An upper-case letter is the complement. */
export function escapeClass(letter: string): string | null {
  const inside = ESCAPES[letter.toLowerCase()];
  if (inside === undefined) return null;
  return letter === letter.toLowerCase() ? `[${inside}]` : `[^${inside}]`;
}

/** Whether a property means something else with (?i), which differs between releases of Java. */
export function dependsOnCase(name: string): boolean {
  return CASE_DEPENDENT.has(name) || CASE_DEPENDENT.has(name.replace(/^is/i, '').toLowerCase());
}

/** JavaScript's class for `\p{name}`; null when there is none with the same meaning. */
export function propertyClass(name: string): string | null {
  const posix = POSIX[name];
  if (posix !== undefined) return `[${posix}]`;
  const pair = /^(script|sc|general_category|gc)=(.+)$/i.exec(name);
  if (pair !== null) {
    return known(/^s/i.test(pair[1]!) ? `Script=${titleCase(pair[2]!)}` : pair[2]!);
  }
  if (/^is/i.test(name)) {
    const rest = name.slice(2);
    const binary = BINARY[rest.toLowerCase()];
    return binary !== undefined ? known(binary) : (known(rest) ?? known(`Script=${titleCase(rest)}`));
  }
  if (name === 'LC' || name === 'LD') return name === 'LC' ? known('LC') : '[\\p{L}\\p{Nd}]';
  return /^[CLMNPSZ][a-z]?$/.test(name) ? known(name) : null;
}

function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|_)[a-z]/g, (letter) => letter.toUpperCase());
}

function known(property: string): string | null {
  try {
    new RegExp(`\\p{${property}}`, 'v');
    return `[\\p{${property}}]`;
  } catch {
    return null;
  }
}

/** `.` without DOTALL. */
export const NOT_LINE_TERMINATOR = `[^${LINE_TERMINATORS}]`;
export const ANY_CHARACTER = '[\\u{0}-\\u{10ffff}]';
// Without the flag `m` these are the ends of the input in JavaScript; a negative lookahead for any character would also hold inside of a pair.
export const INPUT_START = '^';
export const INPUT_END = '$';
/** `$` without MULTILINE, and `\Z`: the end, or before a final line terminator, never inside of \r\n. */
export const END_OR_FINAL_TERMINATOR = `(?:${INPUT_END}|(?=\\r\\n${INPUT_END})|(?=[\\r\\u0085\\u2028\\u2029]${INPUT_END})|(?<!\\r)(?=\\n${INPUT_END}))`;
/** `^` with MULTILINE: at the start or behind a line terminator, but never at the very end of the input, not even of an empty one. */
export const LINE_START = `(?:${INPUT_START}(?!${INPUT_END})|(?<=[\\n\\u0085\\u2028\\u2029])(?!${INPUT_END})|(?<=\\r)(?!\\n)(?!${INPUT_END}))`;
/** `$` with MULTILINE. */
export const LINE_END = `(?:${INPUT_END}|(?=[\\r\\u0085\\u2028\\u2029])|(?<!\\r)(?=\\n))`;
export const LINE_BREAK = '(?:\\r\\n|[\\n\\u{b}\\f\\r\\u0085\\u2028\\u2029])';
const WORD = '[_\\p{L}\\p{Nd}]';
export const WORD_BOUNDARY = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
export const NOT_WORD_BOUNDARY = `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;

/** A code point as a JavaScript pattern with the flag `v`, inside and outside of classes. */
export function literal(codePoint: number): string {
  const char = String.fromCodePoint(codePoint);
  return /[0-9A-Za-z]/.test(char) ? char : `\\u{${codePoint.toString(16)}}`;
}
