import { ConfigException } from '../../../core/errors.ts';
import { type Database, databaseOf, noSuitableDriver } from '../connection-url.ts';
import type { SinkField } from '../sink/sink-field.ts';
import type { SqlSettings } from '../sql-settings.ts';
import { noColumnType } from './ddl.ts';
import type { Dialect } from './dialect.ts';
import { GENERIC_DIALECT } from './dialect-names.ts';
import { MysqlDialect } from './mysql.ts';
import { PostgresDialect } from './postgres.ts';
import { SqliteDialect } from './sqlite.ts';

/**
 * The dialect for a URL. `dialect.name` may only confirm it, or ask for the generic one, which reads but creates no tables. Throws
 * SqlException for a URL without client, ConfigException for a dialect of another database.
 */
export function chooseDialect(url: string, name: string, settings: SqlSettings): Dialect {
  const database = databaseOf(url);
  if (database === null) throw noSuitableDriver(url);
  const [Own, Generic] = DIALECTS[database];
  if (name === GENERIC_DIALECT) return new Generic(settings);
  const own = new Own(settings);
  if (name === '' || name === own.name) return own;
  throw ConfigException.invalid('dialect.name', name, `the connection.url needs ${own.name}; leave dialect.name empty to have it chosen`);
}

class GenericPostgresDialect extends PostgresDialect {
  override readonly name = GENERIC_DIALECT;

  override sqlType(field: SinkField): string {
    throw noColumnType(field);
  }
}

class GenericSqliteDialect extends SqliteDialect {
  override readonly name = GENERIC_DIALECT;

  override sqlType(field: SinkField): string {
    throw noColumnType(field);
  }
}

class GenericMysqlDialect extends MysqlDialect {
  override readonly name = GENERIC_DIALECT;

  override sqlType(field: SinkField): string {
    throw noColumnType(field);
  }
}

type DialectClass = new (settings: SqlSettings) => Dialect;

const DIALECTS: Readonly<Record<Database, readonly [own: DialectClass, generic: DialectClass]>> = {
  postgresql: [PostgresDialect, GenericPostgresDialect],
  mysql: [MysqlDialect, GenericMysqlDialect],
  sqlite: [SqliteDialect, GenericSqliteDialect],
};
