const LF = 10;
const CR = 13;

/** One line without its terminator. */
export interface Line {
  readonly text: string;
  /** Characters of the line and its terminator: what Apache's connector counts its position in. */
  readonly length: number;
}

/**
 * Cuts text into lines at `\n`, `\r\n` and `\r`, as the text comes. A line without terminator waits, and so does a `\r` at the end of what
 * is there, for the next character may be its `\n`.
 */
export class LineSplitter {
  #rest = '';
  #from = 0;

  add(text: string): void {
    this.#rest = this.#rest.slice(this.#from) + text;
    this.#from = 0;
  }

  /** At most `max` complete lines. */
  take(max: number): Line[] {
    const lines: Line[] = [];
    const text = this.#rest;
    let at = this.#from;
    while (lines.length < max && at < text.length) {
      const code = text.charCodeAt(at);
      if (code !== LF && code !== CR) {
        at++;
        continue;
      }
      if (code === CR && at + 1 === text.length) break;
      const end = code === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
      lines.push({ text: text.slice(this.#from, at), length: end - this.#from });
      this.#from = end;
      at = end;
    }
    return lines;
  }
}
