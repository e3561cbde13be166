import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConfigException, ConnectException } from '../../../core/errors.ts';
import type { SourceTask, SourceTaskContext } from '../../../core/source.ts';
import type { SourceRecord } from '../../../core/source-record.ts';
import type { JdbcClient } from '../client.ts';
import { CONNECTION_ATTEMPTS, CONNECTION_BACKOFF } from '../connection-config.ts';
import { JdbcConnection } from '../jdbc-connection.ts';
import { sourceConfigDef } from '../source-config.ts';
import { SqlException, wrapped } from '../sql-exception.ts';
import { VERSION } from '../version.ts';
import { planQueriers } from './plan-queriers.ts';
import { SAFE_LOOK_MS } from './safe-bound.ts';
import { isolationOf } from './source-settings.ts';
import type { TableQuerier } from './table-querier.ts';

/** Statements that no waiting makes valid: unknown table or column, no permission (42), no such database or schema (3D, 3F), no login (28). */
const INVALID_STATEMENT = /^(42|3D|3F|28)/;
/** How often such a statement is tried although `query.retry.attempts` sets no limit: a table may be dropped and created again. */
const INVALID_STATEMENT_RETRIES = 3;

/** One table or query with its time. */
interface Turn {
  readonly querier: TableQuerier;
  /** Wall clock ms from which it is asked again. */
  dueAt: number;
  failures: number;
}

/** Task of the JDBC source: asks its tables in turn, each at most once per `poll.interval.ms`, and never waits inside `poll`. */
export class JdbcSourceTask implements SourceTask {
  #context!: SourceTaskContext;
  #config!: ParsedConfig;
  #connection!: JdbcConnection;
  #turns: Turn[] = [];
  #failedConnections = 0;

  version(): string {
    return VERSION;
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    this.#config = sourceConfigDef.parse(props);
    this.#connection = new JdbcConnection(this.#config, this.#context, isolationOf(this.#config));
    try {
      const queriers = await planQueriers(this.#config, props, this.#context, await this.#connection.client());
      if (queriers.length === 0) throw noWork();
      this.#turns = queriers.map((querier) => ({ querier, dueAt: this.#resumeAt(querier), failures: 0 }));
    } catch (error) {
      throw error instanceof SqlException ? wrapped(error) : error;
    }
  }

  async poll(): Promise<SourceRecord[] | null> {
    const asked = new Set<Turn>();
    for (;;) {
      if (this.#context.signal.aborted) return null;
      const turn = this.#next(asked);
      if (turn === null) return this.#idle();
      asked.add(turn);
      const records = await this.#ask(turn);
      if (records === null || records.length > 0) return records;
    }
  }

  async stop(): Promise<void> {
    // A cursor that is open goes with its connection.
    await this.#connection?.close();
  }

  /** The table being read, else the one that has been due longest. */
  #next(asked: ReadonlySet<Turn>): Turn | null {
    const reading = this.#turns.find(({ querier }) => querier.isReading);
    if (reading !== undefined) return reading;
    const now = this.#context.clock.now();
    let next: Turn | null = null;
    for (const turn of this.#turns) {
      if (turn.dueAt <= now && !asked.has(turn) && (next === null || turn.dueAt < next.dueAt)) next = turn;
    }
    return next;
  }

  #idle(): null {
    if (this.#turns.every(({ failures, querier }) => failures === 0 && !querier.isWorthWaiting) && this.#failedConnections === 0)
      this.#context.caughtUp();
    this.#pollWhenDue();
    return null;
  }

  #pollWhenDue(): void {
    this.#context.pollAgainAt(this.#turns.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Number.POSITIVE_INFINITY));
  }

  /** Records of one table; [] = nothing there, null = something failed and is tried again later. */
  async #ask(turn: Turn): Promise<SourceRecord[] | null> {
    const client = await this.#connected();
    if (client === null) return null;
    const { querier } = turn;
    try {
      if (!querier.isReading) await querier.begin(client);
      const records = await querier.read();
      turn.failures = 0;
      if (!querier.isReading) this.#finished(turn);
      return records;
    } catch (error) {
      if (!(error instanceof SqlException)) throw failed('Error while processing table querier', error);
      return await this.#failed(turn, error);
    }
  }

  /** null = not now; tried `connection.attempts` times, `connection.backoff.ms` apart. */
  async #connected(): Promise<JdbcClient | null> {
    const { clock, logger } = this.#context;
    try {
      const client = await this.#connection.clientNow();
      this.#failedConnections = 0;
      return client;
    } catch (error) {
      if (!(error instanceof SqlException)) throw error;
      this.#failedConnections++;
      if (!error.outage || this.#failedConnections >= this.#config.getNumber(CONNECTION_ATTEMPTS)) throw wrapped(error);
      const backoffMs = Number(this.#config.getLong(CONNECTION_BACKOFF));
      logger.warn('cannot connect to the database, trying again', { attempt: this.#failedConnections, backoffMs, error: error.message });
      this.#context.pollAgainAt(clock.now() + backoffMs);
      return null;
    }
  }

  #finished(turn: Turn): void {
    const now = this.#context.clock.now();
    const intervalMs = this.#config.getNumber('poll.interval.ms');
    turn.dueAt = now + (turn.querier.isWaiting ? Math.min(intervalMs, SAFE_LOOK_MS) : intervalMs);
    // Only bulk reads everything again: the others go on from their offsets, whenever the last poll was.
    if (this.#config.getText('mode') === 'bulk') this.#context.progress.set({ ...this.#context.progress.get(), [turn.querier.name]: now });
  }

  #resumeAt(querier: TableQuerier): number {
    const last = this.#config.getText('mode') === 'bulk' ? this.#context.progress.get()?.[querier.name] : undefined;
    return typeof last === 'number' ? last + this.#config.getNumber('poll.interval.ms') : 0;
  }

  async #failed(turn: Turn, error: SqlException): Promise<null> {
    const { clock, logger } = this.#context;
    await turn.querier.abandon().catch(() => undefined);
    if (error.outage) await this.#connection.close();
    const attempts = this.#config.getNumber('query.retry.attempts');
    const limit =
      attempts >= 0 ? attempts : INVALID_STATEMENT.test(error.sqlState ?? '') ? INVALID_STATEMENT_RETRIES : Number.POSITIVE_INFINITY;
    if (turn.failures >= limit) throw failed('Failed to query table after retries', error);
    turn.failures++;
    turn.dueAt = clock.now() + this.#config.getNumber('poll.interval.ms');
    logger.warn('SQL exception while running query, trying again', {
      table: turn.querier.name,
      failures: turn.failures,
      error: error.message,
    });
    this.#pollWhenDue();
    return null;
  }
}

function failed(why: string, cause: unknown): ConnectException {
  return new ConnectException('Error while polling for records', { cause: new ConnectException(why, { cause }) });
}

function noWork(): ConfigException {
  return new ConfigException(
    'Task is being killed because it was not assigned a table nor a query to execute. If run in table mode please make sure that the tables ' +
      'exist on the database. If the table does exist on the database, we recommend using the fully qualified table name.',
  );
}
