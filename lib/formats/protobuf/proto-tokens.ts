import { JavaException } from '../../core/java/exceptions.ts';

/** A text is no `.proto` file. */
export class ProtoSyntaxError extends JavaException {
  constructor(problem: string, text: string, at: number) {
    const line = text.slice(0, at).split('\n').length;
    super(`Syntax error in line ${line} of the .proto file: ${problem}`, 'java.lang.IllegalStateException');
  }
}

// Blanks and comments; then a text, a number or name, or one character.
const SKIPPED = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[+-]?(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?|[\p{L}_$][\p{L}\p{N}_.$]*|\.[\p{L}_][\p{L}\p{N}_.]*|[\s\S]/uy;

/** Reads the words of a `.proto` file one after the other; '' is the end. */
export class ProtoTokens {
  readonly #text: string;
  #at = 0;
  #next = '';

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  /** The next token, which stays. */
  peek(): string {
    return this.#next;
  }

  take(): string {
    const token = this.#next;
    if (token === '') this.fail('the file ends too early');
    this.#advance();
    return token;
  }

  /** Takes the next token where it is this one. */
  takeIf(token: string): boolean {
    if (this.#next !== token) return false;
    this.#advance();
    return true;
  }

  expect(token: string): void {
    if (!this.takeIf(token)) this.fail(`expected '${token}' but found '${this.#next}'`);
  }

  /** A text, several of which may stand one after the other. */
  text(): string {
    if (!isText(this.#next)) this.fail(`expected a text but found '${this.#next}'`);
    let text = '';
    while (isText(this.#next)) text += unquoted(this.take());
    return text;
  }

  integer(): number {
    const token = this.take();
    const sign = token === '-' ? -1 : 1;
    const digits = token === '-' || token === '+' ? this.take() : token;
    const value = /^[+-]?0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    if (!Number.isInteger(value)) this.fail(`expected a number but found '${token}'`);
    return sign * value;
  }

  fail(problem: string): never {
    throw new ProtoSyntaxError(problem, this.#text, this.#at);
  }

  #advance(): void {
    SKIPPED.lastIndex = this.#at;
    SKIPPED.exec(this.#text);
    TOKEN.lastIndex = SKIPPED.lastIndex;
    this.#next = TOKEN.exec(this.#text)?.[0] ?? '';
    this.#at = SKIPPED.lastIndex + this.#next.length;
  }
}

export function isText(token: string): boolean {
  return token.startsWith('"') || token.startsWith("'");
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquoted(token: string): string {
  return token.slice(1, -1).replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return ESCAPES[code] ?? code;
  });
}
