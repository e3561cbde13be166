import { dependsOnCase, escapeClass, literal, propertyClass } from './regex-classes.ts';
import type { RegexCursor } from './regex-cursor.ts';

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/** Reads what stands for one character of a set: classes in brackets, predefined ones and escapes. Answers JavaScript's source (flag `v`). */
export class RegexSetParser {
  readonly #cursor: RegexCursor;

  constructor(cursor: RegexCursor) {
    this.#cursor = cursor;
  }

  /** The class behind `\d`, `\p{…}` and the like, the backslash being read; null when it is none. */
  predefined(): string | null {
    const char = this.#cursor.peek();
    if (char === 'p' || char === 'P') return this.#property();
    const set = char === '' ? null : escapeClass(char);
    if (set !== null) this.#cursor.at++;
    return set;
  }

  #property(): string {
    const negative = this.#cursor.peek() === 'P';
    this.#cursor.at++;
    let name = '';
    if (this.#cursor.peek() === '{') {
      this.#cursor.at++;
      while (this.#cursor.peek() !== '}') {
        if (this.#cursor.at >= this.#cursor.length) throw this.#cursor.error('Unclosed character family');
        name += String.fromCodePoint(this.#cursor.take());
      }
      this.#cursor.at++;
    } else name = String.fromCodePoint(this.#cursor.take());
    if (name === '') throw this.#cursor.error('Empty character family');
    if (this.#cursor.flags.caseInsensitive && dependsOnCase(name))
      throw this.#cursor.unsupported(`the property {${name}} together with (?i)`);
    const set = propertyClass(name);
    if (set === null) throw this.#cursor.error(`Unknown character property name {${name}}`);
    return negative ? `[^${set}]` : set;
  }

  /** A code point written with a backslash, the backslash being read. */
  escapedCharacter(): number {
    if (this.#cursor.at >= this.#cursor.length) throw this.#cursor.error('Unexpected internal error');
    const char = this.#cursor.peek();
    const codePoint = this.#cursor.take();
    const control = CONTROL_ESCAPES[char];
    if (control !== undefined) return control;
    switch (char) {
      case '0':
        return this.#octal();
      case 'x':
        return this.#cursor.peek() === '{' ? this.#bracedHex() : this.#hex(2, 'Illegal hexadecimal escape sequence');
      case 'u': {
        const unit = this.#hex(4, 'Illegal Unicode escape sequence');
        return unit >= 0xd800 && unit < 0xdc00 && this.#cursor.peek() === '\\' && this.#cursor.peek(1) === 'u'
          ? this.#lowSurrogate(unit)
          : unit;
      }
      case 'c':
        if (this.#cursor.at >= this.#cursor.length) throw this.#cursor.error('Illegal control escape sequence');
        return this.#cursor.take() ^ 64;
      case 'G':
      case 'X':
      case 'N':
        throw this.#cursor.unsupported(`\\${char}`);
      default:
        if (/^[A-Za-z]$/.test(char)) throw this.#cursor.error('Illegal/unsupported escape sequence', this.#cursor.at - 1);
        return codePoint;
    }
  }

  #lowSurrogate(high: number): number {
    const start = this.#cursor.at;
    this.#cursor.at += 2;
    const low = this.#hex(4, 'Illegal Unicode escape sequence');
    if (low >= 0xdc00 && low < 0xe000) return (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
    this.#cursor.at = start;
    return high;
  }

  #octal(): number {
    let value = -1;
    for (let digits = 0; digits < 3 && /^[0-7]$/.test(this.#cursor.peek()) && value * 8 < 0o400 - 7; digits++) {
      value = Math.max(value, 0) * 8 + Number(this.#cursor.peek());
      this.#cursor.at++;
    }
    if (value < 0) throw this.#cursor.error('Illegal octal escape sequence');
    return value;
  }

  #hex(digits: number, problem: string): number {
    let text = '';
    while (text.length < digits && /^[0-9A-Fa-f]$/.test(this.#cursor.peek())) text += String.fromCodePoint(this.#cursor.take());
    if (text.length < digits) throw this.#cursor.error(problem);
    return Number.parseInt(text, 16);
  }

  #bracedHex(): number {
    this.#cursor.at++;
    let text = '';
    while (/^[0-9A-Fa-f]$/.test(this.#cursor.peek())) text += String.fromCodePoint(this.#cursor.take());
    const value = Number.parseInt(text, 16);
    if (this.#cursor.peek() !== '}' || Number.isNaN(value)) throw this.#cursor.error('Unclosed hexadecimal escape sequence');
    if (value > 0x10ffff) throw this.#cursor.error('Hexadecimal codepoint is too big');
    this.#cursor.at++;
    return value;
  }

  /** A character class from its bracket on, as a JavaScript class. */
  characterClass(): string {
    const start = this.#cursor.at++;
    const negative = this.#cursor.peek() === '^';
    if (negative) this.#cursor.at++;
    const operands: string[] = [];
    let items = '';
    let nestedFirst = false;
    for (;;) {
      if (this.#cursor.flags.comments) this.#cursor.skipComments();
      if (this.#cursor.at >= this.#cursor.length) throw this.#cursor.error('Unclosed character class', this.#cursor.length - 1);
      const char = this.#cursor.peek();
      if (char === ']' && (items !== '' || operands.length > 0)) break;
      if (char === '&' && this.#cursor.peek(1) === '&') {
        // Nothing in front of && is as if it did not stand there; nothing behind it means something odd in Java.
        if (items !== '') operands.push(items);
        else if (operands.length > 0) throw this.#cursor.unsupported('an empty operand of && in a character class');
        items = '';
        nestedFirst = this.#cursor.peek(2) === '[';
        this.#cursor.at += 2;
        continue;
      }
      if (char === '[') items += this.characterClass();
      else {
        // Java drops the nested class here, which nobody can mean.
        if (nestedFirst && items !== '')
          throw this.#cursor.unsupported('a nested class followed by characters behind && in a character class');
        items += this.#classItem();
      }
    }
    this.#cursor.at++;
    if (items === '')
      throw operands.length === 0
        ? this.#cursor.error('Bad class syntax', start)
        : this.#cursor.unsupported('an empty operand of && in a character class');
    operands.push(items);
    const inside = operands.length === 1 ? items : operands.map((operand) => `[${operand}]`).join('&&');
    return `[${negative ? '^' : ''}${inside}]`;
  }

  /** One character, range or predefined class inside of brackets. */
  #classItem(): string {
    if (this.#cursor.peek() === '\\') {
      this.#cursor.at++;
      const predefined = this.predefined();
      if (predefined !== null) return predefined;
      if (this.#cursor.peek() === 'R' || this.#cursor.peek() === 'b') throw this.#cursor.error('Illegal/unsupported escape sequence');
      return this.#range(this.escapedCharacter());
    }
    return this.#range(this.#cursor.take());
  }

  #range(from: number): string {
    const behind = this.#cursor.peek(1);
    const atEnd = this.#cursor.at + 1 >= this.#cursor.length;
    if (this.#cursor.peek() !== '-' || behind === ']' || behind === '[' || atEnd) return this.#foldedRange(from, from);
    this.#cursor.at++;
    let to: number;
    if (this.#cursor.peek() === '\\') {
      this.#cursor.at++;
      to = this.escapedCharacter();
    } else to = this.#cursor.take();
    if (to < from) throw this.#cursor.error('Illegal character range');
    return this.#foldedRange(from, to);
  }

  #foldedRange(from: number, to: number): string {
    const plain = from === to ? literal(from) : `${literal(from)}-${literal(to)}`;
    if (!this.#cursor.flags.caseInsensitive) return plain;
    let folded = plain;
    for (let codePoint = 65; codePoint <= 90; codePoint++) {
      if (codePoint >= from && codePoint <= to) folded += literal(codePoint | 32);
      if ((codePoint | 32) >= from && (codePoint | 32) <= to) folded += literal(codePoint);
    }
    return folded;
  }
}
