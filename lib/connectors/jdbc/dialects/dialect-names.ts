export const GENERIC_DIALECT = 'GenericDatabaseDialect';

/** What `dialect.name` may name: Confluent's list. '' = by the URL. */
export const DIALECT_NAMES: readonly string[] = [
  '',
  'Db2DatabaseDialect',
  'DerbyDatabaseDialect',
  GENERIC_DIALECT,
  'MySqlDatabaseDialect',
  'OracleDatabaseDialect',
  'PostgreSqlDatabaseDialect',
  'SapHanaDatabaseDialect',
  'SqlServerDatabaseDialect',
  'SqliteDatabaseDialect',
  'SybaseDatabaseDialect',
  'VerticaDatabaseDialect',
];
