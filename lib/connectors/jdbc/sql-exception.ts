import { ConnectException, javaClassOf } from '../../core/errors.ts';

/** What an adapter knows of a failed statement or connection. */
export interface SqlFailure {
  readonly message: string;
  /** Class of the vendor's Java driver, as it stands in traces of Kafka Connect. */
  readonly javaClass: string;
  /** Five characters of SQL:2016 §24; null where the database gives none. */
  readonly sqlState: string | null;
  /** True when the database could not be reached, was overloaded or asked for a retry: nothing is wrong with the data. */
  readonly outage: boolean;
}

/** A database, or the way to it, refused something. Adapters throw nothing else. */
export class SqlException extends ConnectException {
  readonly sqlState: string | null;
  readonly outage: boolean;

  constructor(failure: SqlFailure) {
    super(failure.message, {}, failure.javaClass, 'sql', failure.outage);
    this.sqlState = failure.sqlState;
    this.outage = failure.outage;
  }

  /** True when the same statement with the same values can never succeed (SQLSTATE class 22, data exception). */
  get hopeless(): boolean {
    return this.sqlState?.startsWith('22') ?? false;
  }
}

/** What the sink reports of a failed batch: one java.sql.SQLException with the text of all. */
export function exceptionChain(error: SqlException): SqlException {
  return new SqlException({
    message: `Exception chain:\n${printed(error)}\n`,
    javaClass: 'java.sql.SQLException',
    sqlState: error.sqlState,
    outage: error.outage,
  });
}

/** `Throwable.toString`: the class and, where there is one, the message. */
export function printed(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' ? javaClassOf(error) : `${javaClassOf(error)}: ${message}`;
}

/** `new ConnectException(cause)`: Java makes the cause's text its message. */
export function wrapped(cause: Error): ConnectException {
  return new ConnectException(printed(cause), { cause });
}
