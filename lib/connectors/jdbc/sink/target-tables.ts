import { ConnectException, RetriableException } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { JdbcClient } from '../client.ts';
import type { ColumnDefinition, Dialect, TableDefinition } from '../dialects/dialect.ts';
import { SqlException } from '../sql-exception.ts';
import { messageName, type TableId } from '../table-id.ts';
import type { SinkField } from './sink-field.ts';
import type { SinkSettings } from './sink-settings.ts';
import { TableAlterOrCreateException } from './table-exceptions.ts';

/** The tables a sink writes to: what they look like, and how they are created and grown. Remembers definitions. */
export class TargetTables {
  readonly #settings: SinkSettings;
  readonly #dialect: Dialect;
  readonly #logger: Logger;
  readonly #definitions = new Map<string, TableDefinition>();
  readonly #transactional = new Set<string>();
  #sealed = false;
  #current: { catalog: string | null; schema: string | null } | null = null;

  constructor(settings: SinkSettings, dialect: Dialect, logger: Logger) {
    this.#settings = settings;
    this.#dialect = dialect;
    this.#logger = logger;
  }

  /** The table of a topic, with catalog and schema where the name says none. Throws ConnectException for an empty name. */
  async tableOf(client: JdbcClient, topic: string): Promise<TableId> {
    const name = this.#settings.tableNameFormat.replaceAll('${topic}', () => topic);
    if (name === '')
      throw new ConnectException(
        `Destination table name for topic '${topic}' is empty using the format string '${this.#settings.tableNameFormat}'`,
      );
    this.#current ??= await this.#dialect.currentSchema(client);
    const { catalog, schema, table } = this.#dialect.parseTable(name);
    return { catalog: catalog ?? this.#current.catalog, schema: schema ?? this.#current.schema, table };
  }

  /**
   * Makes sure that the table has these columns. Statements that change it are committed with what was written before.
   * @throws TableAlterOrCreateException where it may not be created or grown.
   */
  async ensure(client: JdbcClient, table: TableId, fields: readonly SinkField[]): Promise<TableDefinition> {
    if (this.#sealed && !this.covers(table, fields)) {
      throw new RetriableException(
        `table ${this.#shown(table)} must be created or grown, which cannot be a part of a transaction; it is tried again`,
      );
    }
    const known = this.#definitions.get(this.#shown(table)) ?? (await this.#describe(client, table));
    if (known === null) return await this.#create(client, table, fields);
    return await this.#grow(client, table, known, fields);
  }

  /** The table is known to have these columns: {@link TargetTables.ensure} has nothing to do. */
  covers(table: TableId, fields: readonly SinkField[]): boolean {
    const known = this.#definitions.get(this.#shown(table));
    return known !== undefined && missingFields(known, fields).length === 0;
  }

  /** Runs `work`, in which no table is changed: some databases end a transaction at such a statement. */
  async sealed(work: () => Promise<void>): Promise<void> {
    this.#sealed = true;
    try {
      await work();
    } finally {
      this.#sealed = false;
    }
  }

  /** Throws ConnectException for a table whose rows stay after a rollback. */
  async requireTransactions(client: JdbcClient, table: TableId): Promise<void> {
    const shown = this.#shown(table);
    if (this.#transactional.has(shown)) return;
    if (!(await this.#dialect.obeysTransactions(client, table))) {
      throw new ConnectException(
        `table ${shown} does not obey transactions (its engine is not InnoDB), so offsets cannot be kept with its rows: ALTER TABLE … ENGINE=InnoDB, or remove lambda.jdbc.watermark.table`,
        { code: 'no-transactions' },
      );
    }
    this.#transactional.add(shown);
  }

  /** Forgets everything; after an error the tables may have been changed by somebody else. */
  forget(): void {
    this.#definitions.clear();
  }

  async #describe(client: JdbcClient, table: TableId): Promise<TableDefinition | null> {
    const definition = await this.#dialect.describeTable(client, table, this.#settings.tableTypes);
    if (definition !== null) this.#definitions.set(this.#shown(table), definition);
    return definition;
  }

  async #create(client: JdbcClient, table: TableId, fields: readonly SinkField[]): Promise<TableDefinition> {
    if (!this.#settings.autoCreate) {
      throw new TableAlterOrCreateException(`Table ${this.#shown(table)} is missing and auto-creation is disabled`);
    }
    const sql = this.#dialect.createTable(table, fields);
    this.#logger.info('creating table', { table: this.#shown(table) });
    try {
      await client.execute(sql);
    } catch (error) {
      return await this.#createdMeanwhile(client, table, fields, error);
    }
    await this.#commit(client);
    const created = (await this.#describe(client, table)) ?? definitionOf(fields);
    this.#definitions.set(this.#shown(table), created);
    return created;
  }

  /** Another task may have been quicker. */
  async #createdMeanwhile(client: JdbcClient, table: TableId, fields: readonly SinkField[], error: unknown): Promise<TableDefinition> {
    if (!(error instanceof SqlException) || error.outage) throw error;
    await client.rollback();
    await client.begin();
    const found = await this.#describe(client, table);
    if (found === null) throw error;
    return await this.#grow(client, table, found, fields);
  }

  async #grow(client: JdbcClient, table: TableId, definition: TableDefinition, fields: readonly SinkField[]): Promise<TableDefinition> {
    const missing = missingFields(definition, fields);
    if (missing.length === 0) return definition;
    const shown = this.#shown(table);
    const kind = definition.type === 'TABLE' ? 'Table' : definition.type === 'VIEW' ? 'View' : definition.type;
    const list = `([${missing.join(', ')}])`;
    if (definition.type === 'VIEW') {
      throw new TableAlterOrCreateException(`${kind} ${shown} is missing fields ${list} and ALTER ${definition.type} is unsupported`);
    }
    for (const field of missing) {
      if (field.optional || field.schema.defaultValue !== null) continue;
      throw new TableAlterOrCreateException(
        `Cannot ALTER ${definition.type} ${shown} to add missing field ${field}, as the field is not optional and does not have a default value`,
      );
    }
    if (!this.#settings.autoEvolve) {
      throw new TableAlterOrCreateException(`${kind} ${shown} is missing fields ${list} and auto-evolution is disabled`);
    }
    this.#logger.info('adding columns', { table: shown, columns: missing.map(({ name }) => name) });
    try {
      for (const sql of this.#dialect.alterTable(table, missing)) await client.execute(sql);
    } catch (error) {
      return await this.#grownMeanwhile(client, table, fields, error);
    }
    await this.#commit(client);
    return (await this.#describe(client, table)) ?? definition;
  }

  async #grownMeanwhile(client: JdbcClient, table: TableId, fields: readonly SinkField[], error: unknown): Promise<TableDefinition> {
    if (!(error instanceof SqlException) || error.outage) throw error;
    await client.rollback();
    await client.begin();
    const found = await this.#describe(client, table);
    const missing = found === null ? fields : missingFields(found, fields);
    if (found !== null && missing.length === 0) return found;
    throw new TableAlterOrCreateException(
      `Failed to amend TABLE '${this.#shown(table)}' to add missing fields: [${missing.join(', ')}]`,
      error,
    );
  }

  async #commit(client: JdbcClient): Promise<void> {
    await client.commit();
    await client.begin();
  }

  #shown(table: TableId): string {
    return messageName(table);
  }
}

/** Columns are also found by another case, unless that is ambiguous. */
function missingFields({ columns }: TableDefinition, fields: readonly SinkField[]): SinkField[] {
  const missing = fields.filter(({ name }) => !columns.has(name));
  if (missing.length === 0) return missing;
  const lowerCase = new Set([...columns.keys()].map((name) => name.toLowerCase()));
  if (lowerCase.size !== columns.size) return missing;
  return missing.filter(({ name }) => !lowerCase.has(name.toLowerCase()));
}

/** For a table that is found under another name than it was created with (PostgreSQL cuts names after 63 bytes). */
function definitionOf(fields: readonly SinkField[]): TableDefinition {
  const columns = new Map<string, ColumnDefinition>();
  for (const { name, optional, primaryKey } of fields)
    columns.set(name, { name, typeName: '', nullable: optional, primaryKey, autoIncrement: false });
  return { type: 'TABLE', columns };
}
