import { ConfigException } from '../core/errors.ts';

/**
 * Parses JSON whose numbers keep their text (`1.0` stays "1.0"), because every configuration value is a text in the end.
 * Throws ConfigException with line and column (from 1), what stands there and what was expected.
 */
export function parseJsonText(text: string): unknown {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(plain, keepNumberText);
  } catch (cause) {
    const { at, expected } = new FaultFinder(plain).find();
    const before = plain.slice(0, at).split('\n');
    const column = (before.at(-1) as string).length + 1;
    const found = at >= plain.length ? 'the end of the file' : JSON.stringify(String.fromCodePoint(plain.codePointAt(at) as number));
    throw new ConfigException(`malformed JSON in line ${before.length}, column ${column}: expected ${expected}, found ${found}`, {
      cause,
      code: 'malformed-json',
    });
  }
}

function keepNumberText(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

class Fault {
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    this.at = at;
    this.expected = expected;
  }
}

/** Reads JSON only to say where it stops being JSON: the engine's own message names no place for half of the mistakes. */
class FaultFinder {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(): Fault {
    try {
      this.#value('a value');
      this.#blanks();
      if (this.#at < this.#text.length) return new Fault(this.#at, 'the end of the file');
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      throw fault;
    }
    return new Fault(this.#at, 'other text');
  }

  #value(expected: string): void {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === '{') this.#members('}', () => this.#member());
    else if (char === '[') this.#members(']', () => this.#value('a value'));
    else if (char === '"') this.#string();
    else this.#word(expected);
  }

  #word(expected: string): void {
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(this.#text.slice(this.#at, this.#at + 400));
    if (word === null) throw new Fault(this.#at, expected);
    this.#at += word[0].length;
  }

  #members(close: '}' | ']', member: () => void): void {
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      member();
      this.#blanks();
      const char = this.#text[this.#at];
      if (char !== ',' && char !== close) throw new Fault(this.#at, `"," or "${close}"`);
      this.#at++;
      if (char === close) return;
    }
  }

  #member(): void {
    this.#blanks();
    if (this.#text[this.#at] !== '"') throw new Fault(this.#at, 'a key in double quotes');
    this.#string();
    this.#blanks();
    if (this.#text[this.#at] !== ':') throw new Fault(this.#at, '":"');
    this.#at++;
    this.#value('a value');
  }

  #string(): void {
    for (this.#at++; ; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char === undefined || char < ' ') throw new Fault(this.#at, `'"' at the end of a text`);
      if (char !== '\\') continue;
      const sequence = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at, this.#at + 6));
      if (sequence === null) throw new Fault(this.#at + 1, 'one of " \\ / b f n r t or u and four hexadecimal digits');
      this.#at += sequence[0].length - 1;
    }
    this.#at++;
  }

  #blanks(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}
