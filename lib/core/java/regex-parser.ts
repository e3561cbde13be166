import {
  ANY_CHARACTER,
  END_OR_FINAL_TERMINATOR,
  INPUT_END,
  INPUT_START,
  LINE_BREAK,
  LINE_END,
  LINE_START,
  literal,
  NOT_LINE_TERMINATOR,
  NOT_WORD_BOUNDARY,
  WORD_BOUNDARY,
} from './regex-classes.ts';
import { RegexCursor, type RegexFlags } from './regex-cursor.ts';
import { dependsOnOrder, isNullable, maxLength, type ParsedRegex, type RegexNode } from './regex-nodes.ts';
import { RegexSetParser } from './regex-sets.ts';

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

const isAsciiLetter = (codePoint: number): boolean => (codePoint >= 65 && codePoint <= 90) || (codePoint >= 97 && codePoint <= 122);

class RegexParser {
  readonly #cursor: RegexCursor;
  readonly #sets: RegexSetParser;
  #groups = 0;
  readonly #names = new Map<string, number>();

  constructor(pattern: string) {
    this.#cursor = new RegexCursor(pattern);
    this.#sets = new RegexSetParser(this.#cursor);
  }

  parse(): ParsedRegex {
    const root = this.#alternation();
    if (this.#cursor.at < this.#cursor.length) throw this.#cursor.error("Unmatched closing ')'", this.#cursor.at - 1);
    return { root, groupCount: this.#groups, names: this.#names };
  }

  #alternation(): RegexNode {
    const options = [this.#sequence()];
    while (this.#cursor.peek() === '|') {
      this.#cursor.at++;
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0]! : { kind: 'alternation', options };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (;;) {
      this.#cursor.skipComments();
      if (this.#cursor.at >= this.#cursor.length || this.#cursor.peek() === '|' || this.#cursor.peek() === ')')
        return { kind: 'sequence', items };
      const atom = this.#atom();
      if (atom !== null) items.push(this.#quantified(atom));
    }
  }

  /** One atom; null for what matches nothing and takes no quantifier, such as `(?i)`. */
  #atom(): RegexNode | null {
    const char = this.#cursor.peek();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', source: this.#sets.characterClass() };
      case '\\':
        return this.#escape();
      case '^':
        this.#cursor.at++;
        return { kind: 'assertion', source: this.#cursor.flags.multiline ? LINE_START : INPUT_START };
      case '$':
        this.#cursor.at++;
        return { kind: 'assertion', source: this.#cursor.flags.multiline ? LINE_END : END_OR_FINAL_TERMINATOR };
      case '.':
        this.#cursor.at++;
        return { kind: 'set', source: this.#cursor.flags.dotAll ? ANY_CHARACTER : NOT_LINE_TERMINATOR };
      case '?':
      case '*':
      case '+':
        throw this.#cursor.error(`Dangling meta character '${char}'`);
      case '{':
        throw this.#cursor.error('Illegal repetition', this.#cursor.at + 1);
      default:
        return this.#single(this.#cursor.take());
    }
  }

  #single(codePoint: number): RegexNode {
    const folded = this.#cursor.flags.caseInsensitive && isAsciiLetter(codePoint);
    return { kind: 'set', source: folded ? `[${literal(codePoint)}${literal(codePoint ^ 32)}]` : literal(codePoint) };
  }

  #quantified(body: RegexNode): RegexNode {
    this.#cursor.skipComments();
    let range = QUANTIFIERS[this.#cursor.peek()];
    if (range !== undefined) this.#cursor.at++;
    else if (this.#cursor.peek() === '{') range = this.#counts();
    if (range === undefined) return body;
    const [min, max] = range;
    const mode = this.#cursor.peek();
    if (mode === '?' || mode === '+') this.#cursor.at++;
    if (this.#cursor.peek() === '{') throw this.#cursor.unsupported('a counted repetition behind another quantifier');
    // Java takes a line break as a whole in each repetition.
    if (mode !== '+')
      return { kind: 'quantifier', body: body === LINE_BREAK_NODE ? { kind: 'atomic', body } : body, min, max, lazy: mode === '?' };
    if (isNullable(body)) throw this.#cursor.unsupported('a possessive quantifier on what may be empty');
    // Possessive: nothing is given back, neither by the whole nor by one repetition.
    const once: RegexNode = body.kind === 'set' ? body : { kind: 'atomic', body };
    return { kind: 'atomic', body: { kind: 'quantifier', body: once, min, max, lazy: false } };
  }

  #counts(): [number, number] {
    const start = this.#cursor.at++;
    if (!/^[0-9]$/.test(this.#cursor.peek())) throw this.#cursor.error('Illegal repetition', start + 1);
    const min = this.#cursor.integer();
    let max = min;
    if (this.#cursor.peek() === ',') {
      this.#cursor.at++;
      max = this.#cursor.peek() === '}' ? Number.POSITIVE_INFINITY : this.#cursor.integer();
    }
    if (this.#cursor.peek() !== '}') throw this.#cursor.error('Unclosed counted closure');
    if (max < min || min > 2 ** 31 - 1) throw this.#cursor.error('Illegal repetition range');
    this.#cursor.at++;
    return [min, max];
  }

  #group(): RegexNode | null {
    this.#cursor.at++;
    const outer = this.#cursor.flags;
    if (this.#cursor.peek() !== '?') return this.#groupBody(outer, ++this.#groups);
    this.#cursor.at++;
    const char = this.#cursor.peek();
    this.#cursor.at++;
    switch (char) {
      case ':':
        return this.#groupBody(outer, null);
      case '>':
        return { kind: 'atomic', body: this.#groupBody(outer, null) };
      case '=':
      case '!':
        return { kind: 'look', behind: false, negative: char === '!', body: this.#groupBody(outer, null) };
      case '<':
        return this.#cursor.peek() === '=' || this.#cursor.peek() === '!' ? this.#lookbehind(outer) : this.#namedGroup(outer);
      case '$':
      case '@':
        throw this.#cursor.error('Unknown group type', this.#cursor.at - 1);
      default:
        this.#cursor.at--;
        return this.#inlineFlags(outer);
    }
  }

  #groupBody(outer: RegexFlags, index: number | null): RegexNode {
    this.#cursor.flags = { ...this.#cursor.flags };
    const body = this.#alternation();
    if (this.#cursor.peek() !== ')') throw this.#cursor.error('Unclosed group', this.#cursor.length);
    this.#cursor.at++;
    this.#cursor.flags = outer;
    return { kind: 'group', index, body };
  }

  #lookbehind(outer: RegexFlags): RegexNode {
    const negative = this.#cursor.peek() === '!';
    this.#cursor.at++;
    const body = this.#groupBody(outer, null);
    if (maxLength(body) === Number.POSITIVE_INFINITY && !isSimpleLoop(body)) {
      throw this.#cursor.error('Look-behind group does not have an obvious maximum length', this.#cursor.at - 1);
    }
    if (dependsOnOrder(body))
      throw this.#cursor.unsupported('an atomic group, a possessive quantifier or a back-reference in a lookbehind');
    return { kind: 'look', behind: true, negative, body };
  }

  #namedGroup(outer: RegexFlags): RegexNode {
    if (!/^[A-Za-z]$/.test(this.#cursor.peek())) throw this.#cursor.error('capturing group name does not start with a Latin letter');
    let name = '';
    while (/^[A-Za-z0-9]$/.test(this.#cursor.peek())) name += String.fromCodePoint(this.#cursor.take());
    if (this.#cursor.peek() !== '>') throw this.#cursor.error("named capturing group is missing trailing '>'");
    if (this.#names.has(name)) throw this.#cursor.error(`Named capturing group <${name}> is already defined`);
    this.#cursor.at++;
    this.#names.set(name, ++this.#groups);
    return this.#groupBody(outer, this.#groups);
  }

  #inlineFlags(outer: RegexFlags): RegexNode | null {
    const flags = { ...this.#cursor.flags };
    let on = true;
    for (;;) {
      const char = this.#cursor.peek();
      this.#cursor.at++;
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
          throw this.#cursor.unsupported(`the inline flag '${char}'`);
        case '-':
          if (!on) throw this.#cursor.error('Unknown inline modifier', this.#cursor.at - 1);
          on = false;
          break;
        case ')':
          this.#cursor.flags = flags;
          return null;
        case ':':
          this.#cursor.flags = flags;
          return this.#groupBody(outer, null);
        default:
          throw this.#cursor.at > this.#cursor.length
            ? this.#cursor.error('Unclosed group', this.#cursor.length)
            : this.#cursor.error('Unknown inline modifier', this.#cursor.at - 1);
      }
    }
  }

  #escape(): RegexNode {
    this.#cursor.at++;
    const char = this.#cursor.peek();
    if (/^[1-9]$/.test(char)) return this.#reference();
    const named: Readonly<Record<string, string>> = {
      A: INPUT_START,
      b: WORD_BOUNDARY,
      B: NOT_WORD_BOUNDARY,
      z: INPUT_END,
      Z: END_OR_FINAL_TERMINATOR,
    };
    if (named[char] !== undefined) {
      this.#cursor.at++;
      if (char === 'b' && this.#cursor.peek() === '{') throw this.#cursor.unsupported('\\b{g}');
      return { kind: 'assertion', source: named[char] };
    }
    if (char === 'R') {
      this.#cursor.at++;
      return LINE_BREAK_NODE;
    }
    if (char === 'k') return this.#namedReference();
    const predefined = this.#sets.predefined();
    return predefined !== null ? { kind: 'set', source: predefined } : this.#single(this.#sets.escapedCharacter());
  }

  #reference(): RegexNode {
    let group = Number(this.#cursor.peek());
    this.#cursor.at++;
    // Java takes a further digit only while a group of that number is there already.
    while (/^[0-9]$/.test(this.#cursor.peek()) && group * 10 + Number(this.#cursor.peek()) <= this.#groups) {
      group = group * 10 + Number(this.#cursor.peek());
      this.#cursor.at++;
    }
    return this.#referenceTo(group);
  }

  #namedReference(): RegexNode {
    this.#cursor.at++;
    if (this.#cursor.peek() !== '<') throw this.#cursor.error("\\k is not followed by '<' for named capturing group");
    this.#cursor.at++;
    let name = '';
    while (/^[A-Za-z0-9]$/.test(this.#cursor.peek())) name += String.fromCodePoint(this.#cursor.take());
    if (this.#cursor.peek() !== '>') throw this.#cursor.error("named capturing group is missing trailing '>'");
    this.#cursor.at++;
    const group = this.#names.get(name);
    if (group === undefined) throw this.#cursor.error(`named capturing group <${name}> does not exist`);
    return this.#referenceTo(group);
  }

  #referenceTo(group: number): RegexNode {
    if (this.#cursor.flags.caseInsensitive) throw this.#cursor.unsupported('a back-reference together with (?i)');
    return { kind: 'reference', group };
  }
}

/** `x*` or `x+` alone: the only thing without a maximum length that Java 17 takes in a lookbehind. */
function isSimpleLoop(node: RegexNode): boolean {
  if (node.kind === 'group') return isSimpleLoop(node.body);
  if (node.kind === 'sequence') return node.items.length === 1 && isSimpleLoop(node.items[0]!);
  return node.kind === 'quantifier' && !node.lazy && node.min <= 1 && node.max === Number.POSITIVE_INFINITY && node.body.kind === 'set';
}
