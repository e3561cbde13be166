import { SqlException } from './sql-exception.ts';

/** The databases there is a client for; named by the second part of a JDBC URL. */
export type Database = 'postgresql' | 'sqlite';

/** A JDBC URL in parts. */
export interface ConnectionUrl {
  readonly database: Database;
  /** What follows `jdbc:<database>:`, without the properties after `?`. */
  readonly location: string;
  readonly properties: ReadonlyMap<string, string>;
}

const DATABASES: readonly Database[] = ['postgresql', 'sqlite'];

/** The database of a `connection.url`; null where there is no client for it. */
export function databaseOf(url: string): Database | null {
  return DATABASES.find((database) => url.startsWith(`jdbc:${database}:`)) ?? null;
}

/** Takes a URL apart. Throws SqlException with the text of java.sql.DriverManager where no client takes it. */
export function parseConnectionUrl(url: string): ConnectionUrl {
  const database = databaseOf(url);
  if (database === null) throw noSuitableDriver(url);
  const rest = url.slice(`jdbc:${database}:`.length);
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
