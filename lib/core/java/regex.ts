import { IllegalArgumentException, IndexOutOfBoundsException, PatternSyntaxException } from './exceptions.ts';
import { differencesOf, groupsBefore, type ParsedRegex, type RegexDifferences, type RegexNode } from './regex-nodes.ts';
import { parseJavaRegex } from './regex-parser.ts';

/**
 * A regular expression with the meaning it has in Java 17: translated to a JavaScript one where that is exact, refused by name where it
 * is not, so that a pattern never means something else than it meant in Kafka Connect.
 */
export class JavaPattern {
  readonly pattern: string;
  readonly groupCount: number;
  readonly #names: ReadonlyMap<string, number>;
  readonly #whole: RegExp;
  readonly #search: RegExp;
  /** Java's group numbers as JavaScript's, which also counts the groups that stand for atomic ones. */
  readonly #places: readonly number[];
  readonly #differences: RegexDifferences;

  /** @throws PatternSyntaxException for what Java refuses, and for what cannot be translated exactly. */
  constructor(pattern: string) {
    const parsed = parseJavaRegex(pattern);
    this.pattern = pattern;
    this.groupCount = parsed.groupCount;
    this.#names = parsed.names;
    this.#differences = differencesOf(parsed.root);
    if (!this.#differences.matchIsExact) {
      throw new PatternSyntaxException(
        `${NOT_EXACT} a repeated group that prefers the empty text, inside of an atomic group or a lookaround`,
        pattern,
        -1,
      );
    }
    const { source, places } = new RegexWriter(parsed, pattern, this.#differences).write();
    this.#places = places;
    this.#whole = new RegExp(`^(?:${source})$`, 'v');
    this.#search = new RegExp(source, 'v');
  }

  /** Matcher.matches: whether the whole text matches. */
  matches(text: string): boolean {
    return this.#whole.test(text);
  }

  /** Matcher.find: whether any part matches. */
  find(text: string): boolean {
    return this.#first(text) !== null;
  }

  /** The first match. JavaScript may find an empty one inside of a surrogate pair, where Java does not look. */
  #first(text: string): RegExpExecArray | null {
    const match = this.#search.exec(text);
    if (match === null || !isInsidePair(text, match.index)) return match;
    const sticky = new RegExp(this.#search.source, 'vy');
    for (let at = match.index + 1; at <= text.length; at++) {
      sticky.lastIndex = at;
      const next = isInsidePair(text, at) ? null : sticky.exec(text);
      if (next !== null) return next;
    }
    return null;
  }

  /**
   * What Matcher.replaceFirst would do with this replacement; mistakes in it show only when something is replaced, as in Java.
   * @throws PatternSyntaxException at once, when the replacement asks for what this translation cannot tell exactly.
   */
  replacer(replacement: string): (text: string) => string {
    const used = referredGroups(replacement, this.groupCount, this.#names);
    if (!this.#differences.searchIsExact) {
      throw new PatternSyntaxException(`${NOT_EXACT} a replacement with a repeated group that prefers the empty text`, this.pattern, -1);
    }
    for (const group of used) {
      if (this.#differences.unstableGroups.has(group)) {
        throw new PatternSyntaxException(
          `${NOT_EXACT} a replacement with group ${group}, which need not take part in each repetition`,
          this.pattern,
          -1,
        );
      }
    }
    return (text) => {
      const match = this.#first(text);
      if (match === null) return text;
      const groups = (group: number): string => match[this.#places[group]!] ?? '';
      return (
        text.slice(0, match.index) + expand(replacement, this.groupCount, this.#names, groups) + text.slice(match.index + match[0].length)
      );
    };
  }
}

function isInsidePair(text: string, at: number): boolean {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

const NOT_EXACT = "Not supported by this implementation of Java's regular expressions:";

class RegexWriter {
  readonly #parsed: ParsedRegex;
  readonly #pattern: string;
  readonly #differences: RegexDifferences;
  readonly #places: number[] = [0];
  #groups = 0;

  constructor(parsed: ParsedRegex, pattern: string, differences: RegexDifferences) {
    this.#parsed = parsed;
    this.#pattern = pattern;
    this.#differences = differences;
  }

  write(): { source: string; places: readonly number[] } {
    return { source: this.#node(this.#parsed.root), places: this.#places };
  }

  #node(node: RegexNode): string {
    switch (node.kind) {
      case 'set':
      case 'assertion':
        return node.source;
      case 'sequence':
        return node.items.map((item) => (item.kind === 'alternation' ? `(?:${this.#node(item)})` : this.#node(item))).join('');
      case 'alternation':
        return node.options.map((option) => this.#node(option)).join('|');
      case 'group': {
        if (node.index === null) return `(?:${this.#node(node.body)})`;
        this.#places[node.index] = ++this.#groups;
        return `(${this.#node(node.body)})`;
      }
      case 'atomic': {
        // A lookahead is atomic; what it saw is then taken by a reference to it.
        const place = ++this.#groups;
        return `(?:(?=(${this.#node(node.body)}))\\${place})`;
      }
      case 'look':
        return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${this.#node(node.body)})`;
      case 'quantifier': {
        const count = node.max === Number.POSITIVE_INFINITY ? `{${node.min},}` : `{${node.min},${node.max}}`;
        return `(?:${this.#node(node.body)})${count}${node.lazy ? '?' : ''}`;
      }
      case 'reference':
        return this.#reference(node);
    }
  }

  #reference(node: RegexNode & { kind: 'reference' }): string {
    const sure = groupsBefore(this.#parsed.root, node);
    if (node.group > this.#parsed.groupCount) return '(?!)';
    if (sure === null || !sure.has(node.group) || this.#differences.unstableGroups.has(node.group)) {
      throw new PatternSyntaxException(
        `${NOT_EXACT} a back-reference to group ${node.group}, which may not have taken part`,
        this.#pattern,
        -1,
      );
    }
    return `(?:\\${this.#places[node.group]})`;
  }
}

/** Matcher.appendReplacement's expansion of `$1`, `${name}` and `\`. */
function expand(replacement: string, groupCount: number, names: ReadonlyMap<string, number>, group: (index: number) => string): string {
  let result = '';
  for (let at = 0; at < replacement.length; ) {
    const char = replacement[at]!;
    if (char === '\\') {
      if (++at === replacement.length) throw new IllegalArgumentException('character to be escaped is missing');
      result += replacement[at++];
    } else if (char === '$') {
      const reference = readReference(replacement, at + 1, groupCount, names);
      if (reference.group > groupCount) throw new IndexOutOfBoundsException(`No group ${reference.group}`);
      result += group(reference.group);
      at = reference.end;
    } else {
      result += char;
      at++;
    }
  }
  return result;
}

/** The reference whose `$` stands before `at`. */
function readReference(text: string, at: number, groupCount: number, names: ReadonlyMap<string, number>): { group: number; end: number } {
  if (at === text.length) throw new IllegalArgumentException('Illegal group reference: group index is missing');
  if (text[at] === '{') {
    const name = /^[A-Za-z0-9]*/.exec(text.slice(at + 1))![0];
    const end = at + 1 + name.length;
    if (name === '' || text[end] !== '}') throw new IllegalArgumentException("named capturing group is missing trailing '}'");
    if (/^[0-9]/.test(name)) throw new IllegalArgumentException(`capturing group name {${name}} starts with digit character`);
    const group = names.get(name);
    if (group === undefined) throw new IllegalArgumentException(`No group with name {${name}}`);
    return { group, end: end + 1 };
  }
  if (!/[0-9]/.test(text[at]!)) throw new IllegalArgumentException('Illegal group reference');
  let group = Number(text[at]);
  let end = at + 1;
  // Java takes a further digit only while such a group exists.
  while (end < text.length && /[0-9]/.test(text[end]!) && group * 10 + Number(text[end]) <= groupCount)
    group = group * 10 + Number(text[end++]);
  return { group, end };
}

/** Groups a replacement refers to, as far as it can be read; what cannot be read fails when it is used. */
function referredGroups(replacement: string, groupCount: number, names: ReadonlyMap<string, number>): ReadonlySet<number> {
  const used = new Set<number>();
  try {
    expand(replacement, groupCount, names, (group) => {
      used.add(group);
      return '';
    });
  } catch {
    // Java finds the mistake only when it replaces; so does the replacer.
  }
  return used;
}
