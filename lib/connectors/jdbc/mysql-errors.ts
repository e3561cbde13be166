import { SqlException } from './sql-exception.ts';

/** What `mysql2` adds to the errors of the server and of the connection. */
interface MysqlError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
}

/** Numbers of the server after which the same statement may succeed: too many connections, shutdown, lock timeout, deadlock, read-only after a failover, killed. */
const OUTAGES: readonly number[] = [1040, 1053, 1077, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1290, 1317, 1836, 1927, 3024];

/** Any error of `mysql2` as a SqlException, with class and text of MySQL's JDBC driver. */
export function mysqlException(error: unknown, server: string): SqlException {
  if (error instanceof SqlException) return error;
  const { code, errno, sqlState, sqlMessage, message } = error as MysqlError;
  if (sqlMessage !== undefined && errno !== undefined) return serverException(sqlMessage, errno, sqlState ?? null);
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return mysqlFailure(
      `SSL Connection required, but not provided by server ${server}.`,
      '08001',
      false,
      'java.sql.SQLNonTransientConnectionException',
    );
  }
  const why = code === 'ENOTFOUND' ? `unknown host in ${server}` : `${server}: ${message}`;
  return mysqlFailure(`Communications link failure (${why})`, '08S01', true, 'com.mysql.cj.jdbc.exceptions.CommunicationsException');
}

function serverException(text: string, errno: number, sqlState: string | null): SqlException {
  const message = sqlState?.startsWith('22') ? `Data truncation: ${text}` : text;
  return mysqlFailure(message, sqlState, OUTAGES.includes(errno) || sqlState?.startsWith('08') === true, javaClassOf(sqlState));
}

/** Connector/J, SQLExceptionsMapping and SQLError. */
function javaClassOf(sqlState: string | null): string {
  switch (sqlState?.slice(0, 2)) {
    case '08':
      return 'java.sql.SQLNonTransientConnectionException';
    case '22':
      return 'com.mysql.cj.jdbc.exceptions.MysqlDataTruncation';
    case '23':
      return 'java.sql.SQLIntegrityConstraintViolationException';
    case '40':
      return 'com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException';
    case '42':
      return 'java.sql.SQLSyntaxErrorException';
    default:
      return 'java.sql.SQLException';
  }
}

/** A batch that failed: the driver reports every statement of a batch under this class. */
export function batchException(error: SqlException): SqlException {
  return mysqlFailure(error.message, error.sqlState, error.outage, 'java.sql.BatchUpdateException');
}

/** The driver's own complaint. */
export function mysqlFailure(message: string, sqlState: string | null, outage: boolean, javaClass = 'java.sql.SQLException'): SqlException {
  return new SqlException({ message, javaClass, sqlState, outage });
}
