import { PatternSyntaxException } from './exceptions.ts';

/** What `(?imsx)` switches. */
export interface RegexFlags {
  caseInsensitive: boolean;
  multiline: boolean;
  dotAll: boolean;
  comments: boolean;
}

/** A place in a pattern of java.util.regex, with the flags that hold there. */
export class RegexCursor {
  readonly #pattern: string;
  /** Code points of the pattern; quoted ones (\Q…\E) are negative, so that nothing takes them for syntax. */
  readonly #input: readonly number[];
  at = 0;
  flags: RegexFlags = { caseInsensitive: false, multiline: false, dotAll: false, comments: false };

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#input = quote(pattern);
  }

  /** In code points. */
  get length(): number {
    return this.#input.length;
  }

  error(description: string, index = this.at): PatternSyntaxException {
    return new PatternSyntaxException(description, this.#pattern, index);
  }

  /** What Java allows but JavaScript cannot do the same way. */
  unsupported(what: string): PatternSyntaxException {
    return this.error(`Not supported by this implementation of Java's regular expressions: ${what}`);
  }

  /** The character at a place as text; '' at the end and for a quoted one. */
  peek(ahead = 0): string {
    const codePoint = this.#input[this.at + ahead];
    return codePoint === undefined || codePoint < 0 ? '' : String.fromCodePoint(codePoint);
  }

  take(): number {
    if (this.at >= this.#input.length) throw this.error('Unexpected end of the expression');
    const codePoint = this.#input[this.at++]!;
    return codePoint < 0 ? -codePoint - 1 : codePoint;
  }

  skipComments(): void {
    if (!this.flags.comments) return;
    for (;;) {
      if (/^[ \t\n\v\f\r]$/.test(this.peek())) this.at++;
      else if (this.peek() === '#') while (this.at < this.#input.length && !/^[\n\r\u0085\u2028\u2029]$/.test(this.peek())) this.at++;
      else return;
    }
  }

  integer(): number {
    let digits = '';
    while (/^[0-9]$/.test(this.peek())) digits += String.fromCodePoint(this.take());
    return Number(digits);
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
