import { IllegalArgumentException } from './exceptions.ts';

/** A piece of a SimpleDateFormat pattern: text that stands for itself, or a letter with how often it is repeated. */
export type DateToken = { readonly text: string } | { readonly letter: string; readonly count: number };

const LETTERS = 'GyMdkHmsSEDFwWahKzZYuXL';

/** Letters whose digits are counted when they follow another number directly, as in `yyyyMMdd`. */
const COUNTED = new Set('ydHmsSDFwWhkKYu');

/** @throws IllegalArgumentException with Java's message for a pattern that SimpleDateFormat refuses. */
export function parseDatePattern(pattern: string): DateToken[] {
  const tokens: DateToken[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') tokens.push({ text });
    text = '';
  };
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (char === "'") {
      if (pattern[at + 1] === "'") {
        text += "'";
        at += 2;
        continue;
      }
      const quoted = readQuoted(pattern, at + 1);
      text += quoted.text;
      at = quoted.end;
    } else if (/[A-Za-z]/.test(char)) {
      let end = at;
      while (pattern[end] === char) end++;
      if (!LETTERS.includes(char)) throw new IllegalArgumentException(`Illegal pattern character '${char}'`);
      if (char === 'X' && end - at > 3) throw new IllegalArgumentException(`invalid ISO 8601 format: length=${end - at}`);
      flush();
      tokens.push({ letter: char, count: end - at });
      at = end;
    } else {
      text += char;
      at++;
    }
  }
  flush();
  return tokens;
}

function readQuoted(pattern: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at];
    else if (pattern[at + 1] === "'") {
      text += "'";
      at++;
    } else return { text, end: at + 1 };
  }
  throw new IllegalArgumentException('Unterminated quote');
}

/** Whether a number in front of this token takes only as many characters as its letter is repeated. */
export function obeysCount(next: DateToken | undefined): boolean {
  if (next === undefined || 'text' in next) return false;
  return next.letter === 'M' || next.letter === 'L' ? next.count <= 2 : COUNTED.has(next.letter);
}

export const MONTHS = 'January February March April May June July August September October November December'.split(' ');
export const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
export const ERAS = ['BC', 'AD'];
export const LONG_ERAS = ['Before Christ', 'Anno Domini'];
export const HALVES = ['AM', 'PM'];
