const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
};

/** Ctrl-Z (which ends files on Windows) needs no escape; only what would end or change the literal does. */
const SPECIAL = /[\0\n\r\\'"]/g;

/** A text as a MySQL literal. The session never has NO_BACKSLASH_ESCAPES: the client takes it out of `sql_mode`. */
export function mysqlText(text: string): string {
  return `'${text.replace(SPECIAL, (character) => ESCAPES[character]!)}'`;
}

/** Bytes as a MySQL literal that stays a binary string in every context. */
export function mysqlBytes(bytes: Uint8Array): string {
  return `_binary x'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}'`;
}

/** A parameter of a query: null, a number, or a text. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : mysqlText(String(value));
}

/** What a `?` may stand in without being a parameter: texts, quoted names, comments. */
const TOKENS = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|--(?=\s).*|#.*|\/\*[\s\S]*?\*\/|\?/gs;

/** Puts parameters in the place of the question marks, as MySQL's JDBC driver does before it sends a statement. */
export function withParameters(sql: string, parameters: readonly unknown[]): string {
  if (parameters.length === 0) return sql;
  let index = 0;
  return sql.replace(TOKENS, (token) => (token === '?' ? literal(parameters[index++]) : token));
}
