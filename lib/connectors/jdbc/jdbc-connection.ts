import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import type { PluginContext } from '../../core/connector.ts';
import type { JdbcClient } from './client.ts';
import { CONNECTION_ATTEMPTS, CONNECTION_BACKOFF, connectionSettings } from './connection-config.ts';
import { connect } from './open-client.ts';
import { SqlException, wrapped } from './sql-exception.ts';

/** The one connection of a task or connector: opened when needed, thrown away after an outage. */
export class JdbcConnection {
  readonly #config: ParsedConfig;
  readonly #context: PluginContext & { readonly signal?: AbortSignal };
  readonly #isolation: string | null;
  #client: JdbcClient | null = null;

  constructor(config: ParsedConfig, context: PluginContext & { readonly signal?: AbortSignal }, isolation: string | null = null) {
    this.#config = config;
    this.#context = context;
    this.#isolation = isolation;
  }

  /** Tries `connection.attempts` times, waiting in between. Throws ConnectException with the driver's text. */
  async client(): Promise<JdbcClient> {
    this.#client ??= await this.#open(this.#config.getNumber(CONNECTION_ATTEMPTS)).catch((error: unknown) => {
      throw error instanceof SqlException ? wrapped(error) : error;
    });
    return this.#client;
  }

  /** Tries once, without waiting. Throws SqlException. */
  async clientNow(): Promise<JdbcClient> {
    this.#client ??= await this.#open(1);
    return this.#client;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    try {
      await client?.close();
    } catch (error) {
      this.#context.logger.debug('closing the database connection failed', { error: String(error) });
    }
  }

  async #open(attempts: number): Promise<JdbcClient> {
    const { clock, logger, signal } = this.#context;
    const backoffMs = Number(this.#config.getLong(CONNECTION_BACKOFF));
    return await connect(connectionSettings(this.#config, this.#isolation), {
      attempts,
      backoffMs,
      clock,
      logger,
      ...(signal ? { signal } : {}),
    });
  }
}
