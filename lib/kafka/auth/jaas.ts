import { ConfigException } from '../../core/errors.ts';

/** One login module of a JAAS configuration, as it stands in `sasl.jaas.config`. */
export interface JaasEntry {
  /** Full class name, e.g. `org.apache.kafka.common.security.plain.PlainLoginModule`. */
  readonly loginModule: string;
  readonly options: Readonly<Record<string, string>>;
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s=;"']+)|([=;]))/y;
const FLAGS = new Set(['required', 'requisite', 'sufficient', 'optional']);

/** Parses `LoginModule required key="value" …;`. Error messages never contain the text, which holds a password. */
export function parseJaas(text: string): JaasEntry {
  const tokens = tokenize(text);
  let at = 0;
  const word = (what: string): string => {
    const token = tokens[at++];
    if (token === undefined || token === '=' || token === ';') throw malformed(`${what} is missing`);
    return token.slice(1);
  };
  const loginModule = word('the login module');
  const flag = word('the control flag (required)').toLowerCase();
  if (!FLAGS.has(flag)) throw malformed(`the control flag is one of ${[...FLAGS].join(', ')}`);
  const options: Record<string, string> = {};
  while (tokens[at] !== ';') {
    if (at >= tokens.length) throw malformed('it has to end with a semicolon');
    const key = word('an option');
    if (tokens[at++] !== '=') throw malformed(`option ${key} has no value: write ${key}="…"`);
    options[key] = word(`the value of option ${key}`);
  }
  if (at + 1 < tokens.length) throw malformed('only one login module is allowed');
  return { loginModule, options };
}

/** Words with a mark in front, so that a quoted `;` is not taken for the end. */
function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw malformed(`character ${start + 1} begins a quoted value that does not end`);
    const quoted = match[1] ?? match[2];
    if (match[4] !== undefined) tokens.push(match[4]);
    else tokens.push(`w${quoted === undefined ? match[3] : quoted.replace(/\\(.)/g, '$1')}`);
  }
  return tokens;
}

function malformed(why: string): ConfigException {
  return new ConfigException(`Invalid value [hidden] for configuration sasl.jaas.config: ${why}`);
}
