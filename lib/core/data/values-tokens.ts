import { javaTrim } from '../java/trim.ts';

/** Cuts a text into the tokens of the grammar of `Values.parseString`: each unescaped one of `:,{}[]"`, and what stands between them. */
export class ValueTokens {
  readonly original: string;
  #at = 0;
  /** Read ahead, not consumed. */
  #next: string | null = null;
  #previous: string | null = null;

  constructor(original: string) {
    this.original = original;
  }

  get previous(): string | null {
    return this.#previous;
  }

  /** Where the next token begins. */
  mark(): number {
    return this.#at - (this.#next === null ? 0 : this.#next.length);
  }

  rewindTo(position: number): void {
    this.#at = position;
    this.#next = null;
    this.#previous = null;
  }

  hasNext(): boolean {
    return this.#next !== null || this.#at < this.original.length;
  }

  next(): string {
    this.#previous = this.#next ?? this.#read();
    this.#next = null;
    return this.#previous;
  }

  /** The text of the next `count` tokens; null, and nothing is consumed, where there are fewer. */
  nextTokens(count: number): string | null {
    const start = this.mark();
    for (let taken = 0; taken < count; taken++) {
      if (!this.hasNext()) {
        this.rewindTo(start);
        return null;
      }
      this.next();
    }
    return this.original.slice(start, this.#at);
  }

  /** Consumes the next token if it is this one; blank tokens before it and blanks around it are passed over. */
  consume(expected: string): boolean {
    if (this.#next === null) {
      if (!this.hasNext()) return false;
      this.#next = this.#read();
    }
    while (javaTrim(this.#next) === '' && this.#at < this.original.length) this.#next = this.#read();
    if (javaTrim(this.#next) !== expected) return false;
    this.#next = null;
    return true;
  }

  #read(): string {
    const start = this.#at;
    const text = this.original;
    let escaped = false;
    for (; this.#at < text.length; this.#at++) {
      switch (text[this.#at]) {
        case '\\':
          escaped = !escaped;
          break;
        case ':':
        case ',':
        case '{':
        case '}':
        case '[':
        case ']':
        case '"':
          if (!escaped) {
            if (start === this.#at) this.#at++;
            return text.slice(start, this.#at);
          }
          escaped = false;
          break;
        default:
          escaped = false;
      }
    }
    return text.slice(start);
  }
}
