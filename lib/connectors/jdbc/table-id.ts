/** Names a table; catalog and schema are null where the database has none or they are not known. */
export interface TableId {
  readonly catalog: string | null;
  readonly schema: string | null;
  readonly table: string;
}

/** `quote.sql.identifiers`. */
export type QuoteMode = 'always' | 'never';

/** How a database writes identifiers. */
export interface IdentifierRules {
  readonly quote: string;
}

/** The parts that are known, outermost first. */
export function partsOf(id: TableId): string[] {
  return [id.catalog, id.schema, id.table].filter((part) => part !== null);
}

/** `public.orders`: names a table in offsets, and is what include lists are matched against. */
export function unquoted(id: TableId): string {
  return partsOf(id).join('.');
}

/** How messages write identifiers, whatever the database: Confluent's TableId.toString. */
const MESSAGE_RULES: IdentifierRules = { quote: '"' };

/** `"public"."orders"`, for messages. */
export function messageName(id: TableId): string {
  return quoted(id, MESSAGE_RULES);
}

/** The parts in the database's quotes, whatever `quote.sql.identifiers` says. */
export function quoted(id: TableId, rules: IdentifierRules): string {
  return partsOf(id)
    .map((part) => quoteIdentifier(part, rules))
    .join('.');
}

/** One identifier in quotes; quotes inside are doubled. */
export function quoteIdentifier(name: string, { quote }: IdentifierRules): string {
  return `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
}

/**
 * Splits `schema.table` at its dots; parts in quotes may hold dots. At most three parts: catalog, schema, table. With two, the first is the
 * schema, or the catalog where the database has no schemas.
 */
export function parseTableIdentifier(text: string, { quote }: IdentifierRules, twoPartsAre: 'schema' | 'catalog' = 'schema'): TableId {
  const parts = splitIdentifier(text, quote);
  const table = parts.pop() ?? '';
  const inner = parts.pop() ?? null;
  if (inner === null) return { catalog: null, schema: null, table };
  if (parts.length === 0 && twoPartsAre === 'catalog') return { catalog: inner, schema: null, table };
  return { catalog: parts.length === 0 ? null : parts.join('.'), schema: inner, table };
}

function splitIdentifier(text: string, quote: string): string[] {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const closing = rest.startsWith(quote) ? rest.indexOf(quote, 1) : -1;
    const part = closing > 0 ? rest.slice(1, closing) : (rest.split('.', 1)[0] ?? '');
    parts.push(part);
    const after = rest.slice(closing > 0 ? closing + 1 : part.length);
    if (!after.startsWith('.')) return parts;
    rest = after.slice(1);
  }
}
