/** What is wrong with a JSON text, and where (index in the text). */
export class JsonSyntaxError extends Error {
  readonly at: number;

  constructor(problem: string, at: number) {
    super(`${problem} at character ${at}`);
    this.name = 'JsonSyntaxError';
    this.at = at;
  }
}

/** Jackson's limits, which Connect keeps: deeper, longer numbers or longer names are refused. */
const MAX_DEPTH = 1000;
const MAX_NUMBER_LENGTH = 1000;
const MAX_NAME_LENGTH = 50_000;
/** Integers of up to 15 digits are exact as JavaScript numbers. */
const SAFE_DIGITS = 15;

/** Fraction and exponent of a number; sticky, so that it begins where it is told to. */
const FRACTION = /(?:\.([0-9]+))?(?:[eE][+-]?([0-9]+))?/y;

/** What Java lets stand in an identifier: a literal may not be followed by it. */
const IDENTIFIER_PART = /[\p{ID_Continue}\p{Sc}\p{Pc}\p{Cf}\x7f-\x9f]/u;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Reads a JSON text the way Jackson does in Connect: numbers may have leading zeros, control characters in strings are refused, what
 * follows the first value is ignored. The position stands on the next thing to read; methods ending in `Value` expect to stand on it.
 */
export class JsonScanner {
  readonly text: string;
  pos = 0;
  /** Of the number read last: whether it has neither fraction nor exponent… */
  integral = false;
  /** …and its value when it is integral and of at most 15 digits, else NaN. */
  small = Number.NaN;
  /** A text or bytes were asked of something else; the null that came of it has not been checked against the schema. */
  uncheckedNull = false;
  /** Structs are read field by field in the order of their schema, each field checked at once: slow, but the first mistake is Connect's. */
  inSchemaOrder = false;
  /** Where decoding the bytes failed; reading may not get there. */
  readonly #brokenAt: number;
  #depth = 0;

  constructor(text: string, brokenAt = -1) {
    this.text = text;
    this.#brokenAt = brokenAt;
  }

  /** Skips blanks and answers the code of the next character; NaN at the end. */
  peek(): number {
    const text = this.text;
    let code = text.charCodeAt(this.pos);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++this.pos);
    return code;
  }

  fail(problem: string): never {
    if (this.pos >= this.text.length) {
      throw new JsonSyntaxError(
        this.#brokenAt >= 0 ? 'Invalid UTF-8' : 'Unexpected end-of-input',
        this.#brokenAt >= 0 ? this.#brokenAt : this.pos,
      );
    }
    throw new JsonSyntaxError(problem, this.pos);
  }

  /** True when the text ends here, blanks aside. */
  atEnd(): boolean {
    this.peek();
    return this.pos >= this.text.length && this.#brokenAt < 0;
  }

  literal(word: 'true' | 'false' | 'null'): void {
    if (!this.text.startsWith(word, this.pos)) this.fail(`Unrecognized token, expected '${word}'`);
    this.pos += word.length;
    const next = this.text.charCodeAt(this.pos);
    if (next >= 0x30 && next !== CLOSE_BRACKET && next !== CLOSE_BRACE && IDENTIFIER_PART.test(this.text.charAt(this.pos)))
      this.fail('Unrecognized token');
  }

  /** A string, standing on its quote. */
  stringValue(): string {
    const text = this.text;
    const start = ++this.pos;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.pos = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#escapedString(start, at);
      if (!(code >= 0x20)) {
        this.pos = at;
        this.fail('Illegal unquoted control character in a string');
      }
      at++;
    }
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.text;
    let result = text.slice(start, firstEscape);
    let at = firstEscape;
    let from = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.pos = at + 1;
        return result + text.slice(from, at);
      }
      if (code === BACKSLASH) {
        result += text.slice(from, at);
        this.pos = at + 1;
        result += this.#escape();
        at = from = this.pos;
      } else if (code >= 0x20) at++;
      else {
        this.pos = at;
        this.fail('Illegal unquoted control character in a string');
      }
    }
  }

  #escape(): string {
    const char = this.text[this.pos++];
    switch (char) {
      case '"':
      case '\\':
      case '/':
        return char;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u': {
        const hex = this.text.slice(this.pos, this.pos + 4);
        if (!/^[0-9A-Fa-f]{4}$/.test(hex)) this.fail('Expected four hexadecimal digits for a character escape');
        this.pos += 4;
        return String.fromCharCode(Number.parseInt(hex, 16));
      }
      default:
        this.pos--;
        return this.fail('Unrecognized character escape');
    }
  }

  /** Reads over a number, standing on its first character, and answers where it begins; sets `integral` and `small`. */
  numberValue(): number {
    const text = this.text;
    const start = this.pos;
    let at = start;
    let code = text.charCodeAt(at);
    const negative = code === 0x2d;
    if (negative) code = text.charCodeAt(++at);
    const firstDigit = at;
    let value = 0;
    while (code >= 0x30 && code <= 0x39) {
      value = value * 10 + (code - 0x30);
      code = text.charCodeAt(++at);
    }
    if (at === firstDigit) {
      this.pos = at;
      this.fail('Unexpected character');
    }
    this.integral = true;
    this.small = at - firstDigit <= SAFE_DIGITS ? (negative ? 0 - value : value) : Number.NaN;
    if (code === 0x2e || code === 0x65 || code === 0x45) at = this.#fraction(at);
    if (at - start > MAX_NUMBER_LENGTH) this.fail(`Number value length (${at - start}) exceeds the maximum allowed (${MAX_NUMBER_LENGTH})`);
    this.pos = at;
    return start;
  }

  #fraction(from: number): number {
    this.integral = false;
    this.small = Number.NaN;
    FRACTION.lastIndex = from;
    const found = FRACTION.exec(this.text)!;
    const end = from + found[0].length;
    const next = this.text.charCodeAt(end);
    if (next === 0x2e || next === 0x65 || next === 0x45 || end === from) {
      this.pos = end + 1;
      this.fail('Unexpected character in numeric value');
    }
    if (found[2] !== undefined && Number(found[2]) > 2_147_483_647) this.fail('Malformed numeric value: exponent overflow');
    return end;
  }

  /** Enters an object or array, standing on its bracket; answers false when it is empty (and has been left). */
  enter(): boolean {
    if (++this.#depth > MAX_DEPTH) this.fail(`Document nesting depth (${this.#depth}) exceeds the maximum allowed (${MAX_DEPTH})`);
    const close = this.text.charCodeAt(this.pos++) === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
    if (this.peek() !== close) return true;
    this.pos++;
    this.#depth--;
    return false;
  }

  /** Reads over a comma (true) or over the closing bracket (false). */
  more(close: number): boolean {
    const code = this.peek();
    if (code === COMMA) {
      this.pos++;
      return true;
    }
    if (code !== close) this.fail('Unexpected character: expected a comma or the end');
    this.pos++;
    this.#depth--;
    return false;
  }

  /** A member's name and its colon. */
  name(): string {
    if (this.peek() !== QUOTE) this.fail('Unexpected character: expected a double-quoted name');
    const name = this.stringValue();
    if (name.length > MAX_NAME_LENGTH) this.fail(`Name length (${name.length}) exceeds the maximum allowed (${MAX_NAME_LENGTH})`);
    this.colon();
    return name;
  }

  colon(): void {
    if (this.peek() !== COLON) this.fail('Unexpected character: expected a colon');
    this.pos++;
  }

  /** Reads over any value. */
  skipValue(): void {
    const code = this.peek();
    switch (code) {
      case QUOTE:
        this.stringValue();
        return;
      case OPEN_BRACE:
        if (this.enter()) {
          do {
            this.name();
            this.skipValue();
          } while (this.more(CLOSE_BRACE));
        }
        return;
      case OPEN_BRACKET:
        if (this.enter())
          do this.skipValue();
          while (this.more(CLOSE_BRACKET));
        return;
      case 0x74:
        this.literal('true');
        return;
      case 0x66:
        this.literal('false');
        return;
      case 0x6e:
        this.literal('null');
        return;
      default:
        if (code !== 0x2d && !(code >= 0x30 && code <= 0x39)) this.fail('Unexpected character: expected a value');
        this.numberValue();
    }
  }

  /** After a number that is the whole document, blanks or the end must follow. */
  rootNumberEnd(): void {
    const code = this.text.charCodeAt(this.pos);
    if (Number.isNaN(code) ? this.#brokenAt < 0 : code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) return;
    this.fail('Expected space separating root-level values');
  }
}

/** What a value is, in Jackson's words, by its first character. */
export function nodeType(code: number): 'ARRAY' | 'BOOLEAN' | 'NULL' | 'NUMBER' | 'OBJECT' | 'STRING' {
  switch (code) {
    case QUOTE:
      return 'STRING';
    case OPEN_BRACE:
      return 'OBJECT';
    case OPEN_BRACKET:
      return 'ARRAY';
    case 0x74:
    case 0x66:
      return 'BOOLEAN';
    case 0x6e:
      return 'NULL';
    default:
      return 'NUMBER';
  }
}
