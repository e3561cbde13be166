import { PatternSyntaxException } from './exceptions.ts';
import {
  ANY_CHARACTER,
  dependsOnCase,
  END_OR_FINAL_TERMINATOR,
  escapeClass,
  INPUT_END,
  INPUT_START,
  LINE_BREAK,
  LINE_END,
  LINE_START,
  NOT_LINE_TERMINATOR,
  NOT_WORD_BOUNDARY,
  propertyClass,
  WORD_BOUNDARY,
} from './regex-classes.ts';
import { dependsOnOrder, isNullable, maxLength, type ParsedRegex, type RegexNode } from './regex-nodes.ts';

interface Flags {
  caseInsensitive: boolean;
  multiline: boolean;
  dotAll: boolean;
  comments: boolean;
}

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };
const QUANTIFIERS: Readonly<Record<string, readonly [number, number]>> = {
  '?': [0, 1],
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
};

/** One line break, `\R`. */
const LINE_BREAK_NODE: RegexNode = { kind: 'group', index: null, body: { kind: 'set', source: LINE_BREAK } };

/** Parses a pattern of java.util.regex (Java 17). Throws PatternSyntaxException for what Java refuses and for what cannot be kept exact. */
export function parseJavaRegex(pattern: string): ParsedRegex {
  return new RegexParser(pattern).parse();
}

/** A code point as a JavaScript pattern with the flag `v`, inside and outside of classes. */
function literal(codePoint: number): string {
  const char = String.fromCodePoint(codePoint);
  return /[0-9A-Za-z]/.test(char) ? char : `\\u{${codePoint.toString(16)}}`;
}

const isAsciiLetter = (codePoint: number): boolean => (codePoint >= 65 && codePoint <= 90) || (codePoint >= 97 && codePoint <= 122);

class RegexParser {
  readonly #pattern: string;
  /** Code points of the pattern; quoted ones (\Q…\E) are negative, so that nothing takes them for syntax. */
  readonly #input: readonly number[];
  #at = 0;
  #flags: Flags = { caseInsensitive: false, multiline: false, dotAll: false, comments: false };
  #groups = 0;
  readonly #names = new Map<string, number>();

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#input = quote(pattern);
  }

  parse(): ParsedRegex {
    const root = this.#alternation();
    if (this.#at < this.#input.length) throw this.#error("Unmatched closing ')'", this.#at - 1);
    return { root, groupCount: this.#groups, names: this.#names };
  }

  #error(description: string, index = this.#at): PatternSyntaxException {
    return new PatternSyntaxException(description, this.#pattern, index);
  }

  /** What Java allows but JavaScript cannot do the same way. */
  #unsupported(what: string): PatternSyntaxException {
    return this.#error(`Not supported by this implementation of Java's regular expressions: ${what}`);
  }

  /** The character at a place as text; '' at the end and for a quoted one. */
  #peek(ahead = 0): string {
    const codePoint = this.#input[this.#at + ahead];
    return codePoint === undefined || codePoint < 0 ? '' : String.fromCodePoint(codePoint);
  }

  #take(): number {
    if (this.#at >= this.#input.length) throw this.#error('Unexpected end of the expression');
    const codePoint = this.#input[this.#at++]!;
    return codePoint < 0 ? -codePoint - 1 : codePoint;
  }

  #alternation(): RegexNode {
    const options = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at++;
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0]! : { kind: 'alternation', options };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (;;) {
      this.#skipComments();
      if (this.#at >= this.#input.length || this.#peek() === '|' || this.#peek() === ')') return { kind: 'sequence', items };
      const atom = this.#atom();
      if (atom !== null) items.push(this.#quantified(atom));
    }
  }

  #skipComments(): void {
    if (!this.#flags.comments) return;
    for (;;) {
      if (/^[ \t\n\v\f\r]$/.test(this.#peek())) this.#at++;
      else if (this.#peek() === '#') while (this.#at < this.#input.length && !/^[\n\r\u0085\u2028\u2029]$/.test(this.#peek())) this.#at++;
      else return;
    }
  }

  /** One atom; null for what matches nothing and takes no quantifier, such as `(?i)`. */
  #atom(): RegexNode | null {
    const char = this.#peek();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', source: this.#class() };
      case '\\':
        return this.#escape();
      case '^':
        this.#at++;
        return { kind: 'assertion', source: this.#flags.multiline ? LINE_START : INPUT_START };
      case '$':
        this.#at++;
        return { kind: 'assertion', source: this.#flags.multiline ? LINE_END : END_OR_FINAL_TERMINATOR };
      case '.':
        this.#at++;
        return { kind: 'set', source: this.#flags.dotAll ? ANY_CHARACTER : NOT_LINE_TERMINATOR };
      case '?':
      case '*':
      case '+':
        throw this.#error(`Dangling meta character '${char}'`);
      case '{':
        throw this.#error('Illegal repetition', this.#at + 1);
      default:
        return this.#single(this.#take());
    }
  }

  #single(codePoint: number): RegexNode {
    const folded = this.#flags.caseInsensitive && isAsciiLetter(codePoint);
    return { kind: 'set', source: folded ? `[${literal(codePoint)}${literal(codePoint ^ 32)}]` : literal(codePoint) };
  }

  #quantified(body: RegexNode): RegexNode {
    this.#skipComments();
    let range = QUANTIFIERS[this.#peek()];
    if (range !== undefined) this.#at++;
    else if (this.#peek() === '{') range = this.#counts();
    if (range === undefined) return body;
    const [min, max] = range;
    const mode = this.#peek();
    if (mode === '?' || mode === '+') this.#at++;
    if (this.#peek() === '{') throw this.#unsupported('a counted repetition behind another quantifier');
    // Java takes a line break as a whole in each repetition.
    if (mode !== '+')
      return { kind: 'quantifier', body: body === LINE_BREAK_NODE ? { kind: 'atomic', body } : body, min, max, lazy: mode === '?' };
    if (isNullable(body)) throw this.#unsupported('a possessive quantifier on what may be empty');
    // Possessive: nothing is given back, neither by the whole nor by one repetition.
    const once: RegexNode = body.kind === 'set' ? body : { kind: 'atomic', body };
    return { kind: 'atomic', body: { kind: 'quantifier', body: once, min, max, lazy: false } };
  }

  #counts(): [number, number] {
    const start = this.#at++;
    if (!/^[0-9]$/.test(this.#peek())) throw this.#error('Illegal repetition', start + 1);
    const min = this.#integer();
    let max = min;
    if (this.#peek() === ',') {
      this.#at++;
      max = this.#peek() === '}' ? Number.POSITIVE_INFINITY : this.#integer();
    }
    if (this.#peek() !== '}') throw this.#error('Unclosed counted closure');
    if (max < min || min > 2 ** 31 - 1) throw this.#error('Illegal repetition range');
    this.#at++;
    return [min, max];
  }

  #integer(): number {
    let digits = '';
    while (/^[0-9]$/.test(this.#peek())) digits += String.fromCodePoint(this.#take());
    return Number(digits);
  }

  #group(): RegexNode | null {
    this.#at++;
    const outer = this.#flags;
    if (this.#peek() !== '?') return this.#groupBody(outer, ++this.#groups);
    this.#at++;
    const char = this.#peek();
    this.#at++;
    switch (char) {
      case ':':
        return this.#groupBody(outer, null);
      case '>':
        return { kind: 'atomic', body: this.#groupBody(outer, null) };
      case '=':
      case '!':
        return { kind: 'look', behind: false, negative: char === '!', body: this.#groupBody(outer, null) };
      case '<':
        return this.#peek() === '=' || this.#peek() === '!' ? this.#lookbehind(outer) : this.#namedGroup(outer);
      case '$':
      case '@':
        throw this.#error('Unknown group type', this.#at - 1);
      default:
        this.#at--;
        return this.#inlineFlags(outer);
    }
  }

  #groupBody(outer: Flags, index: number | null): RegexNode {
    this.#flags = { ...this.#flags };
    const body = this.#alternation();
    if (this.#peek() !== ')') throw this.#error('Unclosed group', this.#input.length);
    this.#at++;
    this.#flags = outer;
    return { kind: 'group', index, body };
  }

  #lookbehind(outer: Flags): RegexNode {
    const negative = this.#peek() === '!';
    this.#at++;
    const body = this.#groupBody(outer, null);
    if (maxLength(body) === Number.POSITIVE_INFINITY && !isSimpleLoop(body)) {
      throw this.#error('Look-behind group does not have an obvious maximum length', this.#at - 1);
    }
    if (dependsOnOrder(body)) throw this.#unsupported('an atomic group, a possessive quantifier or a back-reference in a lookbehind');
    return { kind: 'look', behind: true, negative, body };
  }

  #namedGroup(outer: Flags): RegexNode {
    if (!/^[A-Za-z]$/.test(this.#peek())) throw this.#error('capturing group name does not start with a Latin letter');
    let name = '';
    while (/^[A-Za-z0-9]$/.test(this.#peek())) name += String.fromCodePoint(this.#take());
    if (this.#peek() !== '>') throw this.#error("named capturing group is missing trailing '>'");
    if (this.#names.has(name)) throw this.#error(`Named capturing group <${name}> is already defined`);
    this.#at++;
    this.#names.set(name, ++this.#groups);
    return this.#groupBody(outer, this.#groups);
  }

  #inlineFlags(outer: Flags): RegexNode | null {
    const flags = { ...this.#flags };
    let on = true;
    for (;;) {
      const char = this.#peek();
      this.#at++;
      switch (char) {
        case 'i':
          flags.caseInsensitive = on;
          break;
        case 'm':
          flags.multiline = on;
          break;
        case 's':
          flags.dotAll = on;
          break;
        case 'x':
          flags.comments = on;
          break;
        case 'd':
        case 'u':
        case 'U':
        case 'c':
          throw this.#unsupported(`the inline flag '${char}'`);
        case '-':
          if (!on) throw this.#error('Unknown inline modifier', this.#at - 1);
          on = false;
          break;
        case ')':
          this.#flags = flags;
          return null;
        case ':':
          this.#flags = flags;
          return this.#groupBody(outer, null);
        default:
          throw this.#at > this.#input.length
            ? this.#error('Unclosed group', this.#input.length)
            : this.#error('Unknown inline modifier', this.#at - 1);
      }
    }
  }

  #escape(): RegexNode {
    this.#at++;
    const char = this.#peek();
    if (/^[1-9]$/.test(char)) return this.#reference();
    const named: Readonly<Record<string, string>> = {
      A: INPUT_START,
      b: WORD_BOUNDARY,
      B: NOT_WORD_BOUNDARY,
      z: INPUT_END,
      Z: END_OR_FINAL_TERMINATOR,
    };
    if (named[char] !== undefined) {
      this.#at++;
      if (char === 'b' && this.#peek() === '{') throw this.#unsupported('\\b{g}');
      return { kind: 'assertion', source: named[char] };
    }
    if (char === 'R') {
      this.#at++;
      return LINE_BREAK_NODE;
    }
    if (char === 'k') return this.#namedReference();
    const predefined = this.#predefined();
    return predefined !== null ? { kind: 'set', source: predefined } : this.#single(this.#escapedCharacter());
  }

  /** The class behind `\d`, `\p{…}` and the like, the backslash being read; null when it is none. */
  #predefined(): string | null {
    const char = this.#peek();
    if (char === 'p' || char === 'P') return this.#property();
    const set = char === '' ? null : escapeClass(char);
    if (set !== null) this.#at++;
    return set;
  }

  #property(): string {
    const negative = this.#peek() === 'P';
    this.#at++;
    let name = '';
    if (this.#peek() === '{') {
      this.#at++;
      while (this.#peek() !== '}') {
        if (this.#at >= this.#input.length) throw this.#error('Unclosed character family');
        name += String.fromCodePoint(this.#take());
      }
      this.#at++;
    } else name = String.fromCodePoint(this.#take());
    if (name === '') throw this.#error('Empty character family');
    if (this.#flags.caseInsensitive && dependsOnCase(name)) throw this.#unsupported(`the property {${name}} together with (?i)`);
    const set = propertyClass(name);
    if (set === null) throw this.#error(`Unknown character property name {${name}}`);
    return negative ? `[^${set}]` : set;
  }

  /** A code point written with a backslash, the backslash being read. */
  #escapedCharacter(): number {
    if (this.#at >= this.#input.length) throw this.#error('Unexpected internal error');
    const char = this.#peek();
    const codePoint = this.#take();
    const control = CONTROL_ESCAPES[char];
    if (control !== undefined) return control;
    switch (char) {
      case '0':
        return this.#octal();
      case 'x':
        return this.#peek() === '{' ? this.#bracedHex() : this.#hex(2, 'Illegal hexadecimal escape sequence');
      case 'u': {
        const unit = this.#hex(4, 'Illegal Unicode escape sequence');
        return unit >= 0xd800 && unit < 0xdc00 && this.#peek() === '\\' && this.#peek(1) === 'u' ? this.#lowSurrogate(unit) : unit;
      }
      case 'c':
        if (this.#at >= this.#input.length) throw this.#error('Illegal control escape sequence');
        return this.#take() ^ 64;
      case 'G':
      case 'X':
      case 'N':
        throw this.#unsupported(`\\${char}`);
      default:
        if (/^[A-Za-z]$/.test(char)) throw this.#error('Illegal/unsupported escape sequence', this.#at - 1);
        return codePoint;
    }
  }

  #lowSurrogate(high: number): number {
    const start = this.#at;
    this.#at += 2;
    const low = this.#hex(4, 'Illegal Unicode escape sequence');
    if (low >= 0xdc00 && low < 0xe000) return (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
    this.#at = start;
    return high;
  }

  #octal(): number {
    let value = -1;
    for (let digits = 0; digits < 3 && /^[0-7]$/.test(this.#peek()) && value * 8 < 0o400 - 7; digits++) {
      value = Math.max(value, 0) * 8 + Number(this.#peek());
      this.#at++;
    }
    if (value < 0) throw this.#error('Illegal octal escape sequence');
    return value;
  }

  #hex(digits: number, problem: string): number {
    let text = '';
    while (text.length < digits && /^[0-9A-Fa-f]$/.test(this.#peek())) text += String.fromCodePoint(this.#take());
    if (text.length < digits) throw this.#error(problem);
    return Number.parseInt(text, 16);
  }

  #bracedHex(): number {
    this.#at++;
    let text = '';
    while (/^[0-9A-Fa-f]$/.test(this.#peek())) text += String.fromCodePoint(this.#take());
    const value = Number.parseInt(text, 16);
    if (this.#peek() !== '}' || Number.isNaN(value)) throw this.#error('Unclosed hexadecimal escape sequence');
    if (value > 0x10ffff) throw this.#error('Hexadecimal codepoint is too big');
    this.#at++;
    return value;
  }

  #reference(): RegexNode {
    let group = Number(this.#peek());
    this.#at++;
    // Java takes a further digit only while a group of that number is there already.
    while (/^[0-9]$/.test(this.#peek()) && group * 10 + Number(this.#peek()) <= this.#groups) {
      group = group * 10 + Number(this.#peek());
      this.#at++;
    }
    return this.#referenceTo(group);
  }

  #namedReference(): RegexNode {
    this.#at++;
    if (this.#peek() !== '<') throw this.#error("\\k is not followed by '<' for named capturing group");
    this.#at++;
    let name = '';
    while (/^[A-Za-z0-9]$/.test(this.#peek())) name += String.fromCodePoint(this.#take());
    if (this.#peek() !== '>') throw this.#error("named capturing group is missing trailing '>'");
    this.#at++;
    const group = this.#names.get(name);
    if (group === undefined) throw this.#error(`named capturing group <${name}> does not exist`);
    return this.#referenceTo(group);
  }

  #referenceTo(group: number): RegexNode {
    if (this.#flags.caseInsensitive) throw this.#unsupported('a back-reference together with (?i)');
    return { kind: 'reference', group };
  }

  /** A character class from its bracket on, as a JavaScript class. */
  #class(): string {
    const start = this.#at++;
    const negative = this.#peek() === '^';
    if (negative) this.#at++;
    const operands: string[] = [];
    let items = '';
    let nestedFirst = false;
    for (;;) {
      if (this.#flags.comments) this.#skipComments();
      if (this.#at >= this.#input.length) throw this.#error('Unclosed character class', this.#input.length - 1);
      const char = this.#peek();
      if (char === ']' && (items !== '' || operands.length > 0)) break;
      if (char === '&' && this.#peek(1) === '&') {
        // Nothing in front of && is as if it did not stand there; nothing behind it means something odd in Java.
        if (items !== '') operands.push(items);
        else if (operands.length > 0) throw this.#unsupported('an empty operand of && in a character class');
        items = '';
        nestedFirst = this.#peek(2) === '[';
        this.#at += 2;
        continue;
      }
      if (char === '[') items += this.#class();
      else {
        // Java drops the nested class here, which nobody can mean.
        if (nestedFirst && items !== '') throw this.#unsupported('a nested class followed by characters behind && in a character class');
        items += this.#classItem();
      }
    }
    this.#at++;
    if (items === '')
      throw operands.length === 0
        ? this.#error('Bad class syntax', start)
        : this.#unsupported('an empty operand of && in a character class');
    operands.push(items);
    const inside = operands.length === 1 ? items : operands.map((operand) => `[${operand}]`).join('&&');
    return `[${negative ? '^' : ''}${inside}]`;
  }

  /** One character, range or predefined class inside of brackets. */
  #classItem(): string {
    if (this.#peek() === '\\') {
      this.#at++;
      const predefined = this.#predefined();
      if (predefined !== null) return predefined;
      if (this.#peek() === 'R' || this.#peek() === 'b') throw this.#error('Illegal/unsupported escape sequence');
      return this.#range(this.#escapedCharacter());
    }
    return this.#range(this.#take());
  }

  #range(from: number): string {
    const behind = this.#peek(1);
    const atEnd = this.#at + 1 >= this.#input.length;
    if (this.#peek() !== '-' || behind === ']' || behind === '[' || atEnd) return this.#foldedRange(from, from);
    this.#at++;
    let to: number;
    if (this.#peek() === '\\') {
      this.#at++;
      to = this.#escapedCharacter();
    } else to = this.#take();
    if (to < from) throw this.#error('Illegal character range');
    return this.#foldedRange(from, to);
  }

  #foldedRange(from: number, to: number): string {
    const plain = from === to ? literal(from) : `${literal(from)}-${literal(to)}`;
    if (!this.#flags.caseInsensitive) return plain;
    let folded = plain;
    for (let codePoint = 65; codePoint <= 90; codePoint++) {
      if (codePoint >= from && codePoint <= to) folded += literal(codePoint | 32);
      if ((codePoint | 32) >= from && (codePoint | 32) <= to) folded += literal(codePoint);
    }
    return folded;
  }
}

/** Code points of a pattern; those between \Q and \E become negative (−1 − code point). */
function quote(pattern: string): number[] {
  const points: number[] = [];
  let quoted = false;
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] === '\\' && chars[i + 1] === (quoted ? 'E' : 'Q')) {
      quoted = !quoted;
      i++;
    } else if (chars[i] === '\\' && !quoted) {
      points.push(0x5c);
      if (++i < chars.length) points.push(chars[i]!.codePointAt(0)!);
    } else {
      const point = chars[i]!.codePointAt(0)!;
      points.push(quoted ? -point - 1 : point);
    }
  }
  return points;
}

/** `x*` or `x+` alone: the only thing without a maximum length that Java 17 takes in a lookbehind. */
function isSimpleLoop(node: RegexNode): boolean {
  if (node.kind === 'group') return isSimpleLoop(node.body);
  if (node.kind === 'sequence') return node.items.length === 1 && isSimpleLoop(node.items[0]!);
  return node.kind === 'quantifier' && !node.lazy && node.min <= 1 && node.max === Number.POSITIVE_INFINITY && node.body.kind === 'set';
}
