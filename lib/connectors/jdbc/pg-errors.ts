import { SqlException } from './sql-exception.ts';

const PSQL_EXCEPTION = 'org.postgresql.util.PSQLException';

/** What `pg` adds to the errors of the server. */
interface ServerError extends Error {
  readonly severity?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
}

/** SQLSTATEs after which the same statement may succeed: lost or refused connections, deadlocks, no resources, shutdown, lock timeout. */
const OUTAGE = /^(08|40|53|57P0|57014|55P03|58)/;

/** Any error of `pg` as a SqlException, with the text of PostgreSQL's JDBC driver. `server` is `host:port`. */
export function pgException(error: unknown, server: string): SqlException {
  if (error instanceof SqlException) return error;
  const { severity, code, detail, hint, position, message } = error as ServerError;
  if (severity !== undefined && code !== undefined) {
    const more = [detail && `Detail: ${detail}`, hint && `Hint: ${hint}`, position && `Position: ${position}`].filter((part) => part);
    return psqlException([`${severity}: ${message}`, ...more].join('\n  '), code, OUTAGE.test(code));
  }
  if (code === 'ECONNREFUSED') {
    const text = `Connection to ${server} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`;
    return psqlException(text, '08001', true);
  }
  if (/password must be a (non-empty )?string/.test(message)) {
    return psqlException('The server requested SCRAM-based authentication, but no password was provided.', '08004', false);
  }
  if (code === 'ENOTFOUND') return psqlException(`The connection attempt failed: unknown host in ${server}`, '08001', true);
  return psqlException(`An I/O error occurred while sending to the backend: ${message}`, '08006', true);
}

/** The driver's own complaint. */
export function psqlException(message: string, sqlState: string, outage: boolean): SqlException {
  return new SqlException({ message, javaClass: PSQL_EXCEPTION, sqlState, outage });
}
