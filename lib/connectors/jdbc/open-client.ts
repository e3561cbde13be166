import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { ConnectionSettings, JdbcClient } from './client.ts';
import { databaseOf, noSuitableDriver } from './connection-url.ts';
import { SqlException } from './sql-exception.ts';

/** Opens the client that a URL needs; its driver is loaded only now. Throws SqlException. */
export async function openClient(settings: ConnectionSettings): Promise<JdbcClient> {
  switch (databaseOf(settings.url)) {
    case 'postgresql': {
      const { PgClient } = await import('./pg-client.ts');
      return await PgClient.open(settings);
    }
    case 'mysql': {
      const { MysqlClient } = await import('./mysql-client.ts');
      return await MysqlClient.open(settings);
    }
    case 'sqlite': {
      const { SqliteClient } = await import('./sqlite-client.ts');
      return SqliteClient.open(settings);
    }
    case null:
      throw noSuitableDriver(settings.url);
  }
}

/** How often and how patiently a connection is tried. */
export interface ConnectionAttempts {
  /** `connection.attempts`, at least 1. */
  readonly attempts: number;
  /** `connection.backoff.ms`. */
  readonly backoffMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

/** {@link openClient}, again after a pause where it failed with an outage. Throws the last SqlException. */
export async function connect(
  settings: ConnectionSettings,
  { attempts, backoffMs, clock, logger, signal }: ConnectionAttempts,
): Promise<JdbcClient> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openClient(settings);
    } catch (error) {
      const last = attempt >= attempts || !(error instanceof SqlException && error.outage) || signal?.aborted === true;
      if (last) throw error;
      logger.info('cannot connect to the database, trying again', { attempt, attempts, backoffMs, error: error.message });
      await clock.sleep(backoffMs, signal);
    }
  }
}
