import { SqlException } from './sql-exception.ts';

/** The databases there is a client for; named by the second part of a JDBC URL. */
export type Database = 'postgresql' | 'mysql' | 'sqlite';

/** A JDBC URL in parts. */
export interface ConnectionUrl {
  readonly database: Database;
  /** What follows `jdbc:<subprotocol>:`, without the properties after `?`. */
  readonly location: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** Second part of the URL → database. MariaDB has a driver of its own, and the dialect and protocol of MySQL. */
const SUBPROTOCOLS: Readonly<Record<string, Database>> = { postgresql: 'postgresql', mysql: 'mysql', mariadb: 'mysql', sqlite: 'sqlite' };

function subprotocolOf(url: string): string | null {
  return Object.keys(SUBPROTOCOLS).find((name) => url.startsWith(`jdbc:${name}:`)) ?? null;
}

/** The database of a `connection.url`; null where there is no client for it. */
export function databaseOf(url: string): Database | null {
  const subprotocol = subprotocolOf(url);
  return subprotocol === null ? null : SUBPROTOCOLS[subprotocol]!;
}

/** Takes a URL apart. Throws SqlException with the text of java.sql.DriverManager where no client takes it. */
export function parseConnectionUrl(url: string): ConnectionUrl {
  const subprotocol = subprotocolOf(url);
  if (subprotocol === null) throw noSuitableDriver(url);
  const database = SUBPROTOCOLS[subprotocol]!;
  const rest = url.slice(`jdbc:${subprotocol}:`.length);
  const mark = rest.indexOf('?');
  const properties = new Map<string, string>();
  if (mark >= 0) for (const [key, value] of new URLSearchParams(rest.slice(mark + 1))) properties.set(key, value);
  return { database, location: mark < 0 ? rest : rest.slice(0, mark), properties };
}

/** What java.sql.DriverManager says of a URL that no driver takes. */
export function noSuitableDriver(url: string): SqlException {
  return new SqlException({
    message: `No suitable driver found for ${url.replace(/\?.*$/s, '')}`,
    javaClass: 'java.sql.SQLException',
    sqlState: '08001',
    outage: false,
  });
}
