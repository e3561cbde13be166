import type { ConfigDef } from '../../../core/config/config-def.ts';
import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { ConnectException } from '../../../core/errors.ts';
import type { SourceConnector, SourceConnectorContext, SourceTask } from '../../../core/source.ts';
import { JdbcConnection } from '../jdbc-connection.ts';
import { sourceConfigDef } from '../source-config.ts';
import { SqlException, wrapped } from '../sql-exception.ts';
import { quoted, type TableId } from '../table-id.ts';
import { VERSION } from '../version.ts';
import { TABLES } from './plan-queriers.ts';
import { customQuery, sourceDialect } from './source-settings.ts';
import { JdbcSourceTask } from './source-task.ts';
import { AmbiguousTopics, selectTables } from './table-selection.ts';
import { validateSource } from './validate-source.ts';

/** Connector of the JDBC source: finds the tables, divides them over the tasks, and watches for new ones while it runs. */
export class JdbcSourceConnector implements SourceConnector {
  #context!: SourceConnectorContext;
  #props: ConnectorProps = {};
  #config!: ParsedConfig;
  #tables: readonly TableId[] = [];
  readonly #stopped = new AbortController();
  #watching: Promise<void> | null = null;

  version(): string {
    return VERSION;
  }

  initialize(context: SourceConnectorContext): void {
    this.#context = context;
  }

  async start(props: ConnectorProps): Promise<void> {
    this.#props = props;
    this.#config = sourceConfigDef.parse(props);
    if (customQuery(this.#config) !== '') return;
    this.#tables = await this.#readTables();
    this.#watching = this.#watch();
  }

  async taskConfigs(maxTasks: number): Promise<ConnectorProps[]> {
    if (customQuery(this.#config) !== '') return [{ ...this.#props, [TABLES]: '' }];
    const { identifiers } = sourceDialect(this.#config);
    const names = this.#tables.map((table) => quoted(table, identifiers));
    // A task without tables says why it fails, and shows that the connector is not simply idle.
    if (names.length === 0) return [{ ...this.#props, [TABLES]: '', 'tables.fetched': 'true' }];
    return groups(names, Math.min(maxTasks, names.length)).map((group) => ({
      ...this.#props,
      [TABLES]: group.join(','),
      'tables.fetched': 'true',
    }));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watching;
  }

  config(): ConfigDef {
    return sourceConfigDef;
  }

  async validate(props: ConnectorProps): Promise<ConfigValidation> {
    return await validateSource(props);
  }

  taskClass(): new () => SourceTask {
    return JdbcSourceTask;
  }

  /** Modes in which each row has an offset of its own; rows of one timestamp share one, and bulk has none. */
  exactlyOnceSupport(props: ConnectorProps): 'SUPPORTED' | 'UNSUPPORTED' {
    return props.mode === 'incrementing' || props.mode === 'timestamp+incrementing' ? 'SUPPORTED' : 'UNSUPPORTED';
  }

  async #readTables(): Promise<TableId[]> {
    const connection = new JdbcConnection(this.#config, { ...this.#pluginContext(), signal: this.#stopped.signal });
    try {
      return await selectTables(await connection.client(), sourceDialect(this.#config), this.#config);
    } catch (error) {
      if (error instanceof SqlException) throw wrapped(error);
      if (error instanceof AmbiguousTopics) {
        throw new ConnectException('Encountered an unrecoverable error while reading tables from the database', { cause: error });
      }
      throw error;
    } finally {
      await connection.close();
    }
  }

  #pluginContext(): Pick<SourceConnectorContext, 'logger' | 'clock' | 'random'> {
    const { logger, clock, random } = this.#context;
    return { logger, clock, random };
  }

  async #watch(): Promise<void> {
    const { clock, logger } = this.#context;
    const { signal } = this.#stopped;
    const intervalMs = Math.max(1, Number(this.#config.getLong('table.poll.interval.ms')));
    for (;;) {
      await clock.sleep(intervalMs, signal);
      if (signal.aborted) return;
      try {
        const tables = await this.#readTables();
        const changed = JSON.stringify(tables) !== JSON.stringify(this.#tables);
        this.#tables = tables;
        if (changed && !signal.aborted) this.#context.requestTaskReconfiguration();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ConnectException && error.cause instanceof AmbiguousTopics) {
          this.#context.raiseError(error);
          return;
        }
        logger.warn('cannot read the list of tables, trying again later', { error: String(error) });
      }
    }
  }
}

/** Divides a list into groups of neighbours; the first get one more where it does not come out even (Connect's groupPartitions). */
export function groups<T>(items: readonly T[], count: number): T[][] {
  const size = Math.floor(items.length / count);
  const larger = items.length % count;
  const result: T[][] = [];
  let from = 0;
  for (let index = 0; index < count; index++) {
    const to = from + size + (index < larger ? 1 : 0);
    result.push(items.slice(from, to));
    from = to;
  }
  return result;
}
