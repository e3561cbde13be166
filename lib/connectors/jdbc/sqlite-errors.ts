import { SqlException } from './sql-exception.ts';

/** What `node:sqlite` adds to its errors. */
interface SqliteError extends Error {
  readonly errcode?: number;
}

/** Result codes by number with the texts of the JDBC driver (org.sqlite.SQLiteErrorCode). Extended codes first. */
const CODES: ReadonlyMap<number, readonly [name: string, text: string]> = new Map([
  [1, ['SQLITE_ERROR', 'SQL error or missing database']],
  [5, ['SQLITE_BUSY', 'The database file is locked']],
  [6, ['SQLITE_LOCKED', 'A table in the database is locked']],
  [8, ['SQLITE_READONLY', 'Attempt to write a readonly database']],
  [10, ['SQLITE_IOERR', 'Some kind of disk I/O error occurred']],
  [11, ['SQLITE_CORRUPT', 'The database disk image is malformed']],
  [13, ['SQLITE_FULL', 'Insertion failed because database is full']],
  [14, ['SQLITE_CANTOPEN', 'Unable to open the database file']],
  [18, ['SQLITE_TOOBIG', 'String or BLOB exceeds size limit']],
  [19, ['SQLITE_CONSTRAINT', 'Abort due to constraint violation']],
  [20, ['SQLITE_MISMATCH', 'Data type mismatch']],
  [26, ['SQLITE_NOTADB', 'File opened that is not a database file']],
  [275, ['SQLITE_CONSTRAINT_CHECK', 'A CHECK constraint failed']],
  [787, ['SQLITE_CONSTRAINT_FOREIGNKEY', 'A foreign key constraint failed']],
  [1299, ['SQLITE_CONSTRAINT_NOTNULL', 'A NOT NULL constraint failed']],
  [1555, ['SQLITE_CONSTRAINT_PRIMARYKEY', 'A PRIMARY KEY constraint failed']],
  [1811, ['SQLITE_CONSTRAINT_TRIGGER', 'A RAISE function within a trigger fired, causing the SQL statement to abort']],
  [2067, ['SQLITE_CONSTRAINT_UNIQUE', 'A UNIQUE constraint failed']],
  [2579, ['SQLITE_CONSTRAINT_ROWID', 'A rowid is not unique']],
]);

/** Somebody else holds the file, or the disk is full: BUSY, LOCKED, IOERR, FULL. */
const OUTAGES: readonly number[] = [5, 6, 10, 13];

/** Any error of `node:sqlite` as a SqlException, with the text of SQLite's JDBC driver. */
export function sqliteException(error: unknown): SqlException {
  if (error instanceof SqlException) return error;
  const { errcode, message } = error as SqliteError;
  if (errcode === undefined) return new SqlException({ message, javaClass: 'java.sql.SQLException', sqlState: null, outage: false });
  const primary = errcode & 0xff;
  const [name, text] = CODES.get(errcode) ?? CODES.get(primary) ?? ['UNKNOWN_ERROR', 'Unknown error'];
  return new SqlException({
    message: `[${name}] ${text} (${message})`,
    javaClass: 'org.sqlite.SQLiteException',
    sqlState: null,
    outage: OUTAGES.includes(primary),
  });
}
