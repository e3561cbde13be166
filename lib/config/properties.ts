import { ConfigException } from '../core/errors.ts';

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Parses the text of a Java `.properties` file as `java.util.Properties.load` does: comments, continuation lines, escapes, `=`, `:` or blanks
 * between key and value; a key given twice has its last value. Throws ConfigException for a malformed `\u` escape, with its line.
 */
export function parseProperties(text: string): Record<string, string> {
  const properties = new Map<string, string>();
  for (const { line, number } of logicalLines(text)) {
    const keyEnd = endOfKey(line);
    properties.set(unescaped(line.slice(0, keyEnd), number), unescaped(line.slice(startOfValue(line, keyEnd)), number));
  }
  return Object.fromEntries(properties);
}

/** Lines without comments and blank ones, continuation lines joined; `number` is the first natural line's, from 1. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  const lines = text.split(/\r\n|[\r\n]/);
  let joined = '';
  let number = 0;
  let continued = false;
  for (const [i, natural] of lines.entries()) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (joined === '') {
      number = i + 1;
      // an empty continuation of nothing is a new line to Java too: a comment there is a comment
      if (line === '' || line[0] === '#' || line[0] === '!') {
        continued = false;
        continue;
      }
    }
    continued = endsInBackslash(line);
    joined += continued ? line.slice(0, -1) : line;
    if (continued) continue;
    if (joined !== '') yield { line: joined, number };
    joined = '';
  }
  if (continued && joined !== '') yield { line: joined, number };
}

/** True when the last backslash is not itself escaped. */
function endsInBackslash(line: string): boolean {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

function endOfKey(line: string): number {
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (/[=: \t\f]/.test(line[i] as string)) return i;
  }
  return line.length;
}

function startOfValue(line: string, keyEnd: number): number {
  return keyEnd + (/^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(keyEnd)) as RegExpExecArray)[0].length;
}

function unescaped(text: string, line: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(u(.{0,4})|[^u]|$)/gsu, (_, sequence: string, hex: string | undefined) => {
    if (hex === undefined) return ESCAPES[sequence] ?? sequence;
    if (!/^[0-9a-f]{4}$/i.test(hex)) {
      throw new ConfigException(`malformed \\uxxxx encoding in line ${line}: \\${sequence}; write four hexadecimal digits after \\u`, {
        code: 'malformed-properties',
      });
    }
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}
