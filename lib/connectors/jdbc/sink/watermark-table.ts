import { ConnectException } from '../../../core/errors.ts';
import type { KeptOffset } from '../../../core/sink.ts';
import { topicPartitionKey } from '../../../core/topic-partition.ts';
import type { JdbcClient } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { SqlException } from '../sql-exception.ts';
import { messageName, type TableId } from '../table-id.ts';

/** Who wrote a row. */
export interface RowStamp {
  readonly generation: number;
  readonly epoch: number;
  readonly holder: string;
}

/** One row: how far a connector got in one partition, and who wrote it. */
export interface WatermarkRow extends KeptOffset, RowStamp {}

const KEY = ['connector', 'kafka_topic', 'kafka_partition'] as const;
const VALUES = ['next_offset', 'generation', 'epoch', 'holder', 'evidence'] as const;
const NAME_CHARACTERS = 249;

/** `lambda.jdbc.watermark.table`: statements on it. One row per connector, topic and partition. */
export class WatermarkTable {
  readonly #dialect: Dialect;
  readonly #connector: string;
  readonly #name: string;
  #id: TableId | null = null;

  constructor(dialect: Dialect, connector: string, name: string) {
    this.#dialect = dialect;
    this.#connector = connector;
    this.#name = name;
  }

  /** Creates the table where it is missing. Outside of transactions: MySQL ends them at such statements. Throws SqlException, ConnectException. */
  async ensure(client: JdbcClient): Promise<void> {
    if (this.#id !== null) return;
    if (this.#connector.length > NAME_CHARACTERS) {
      throw new ConnectException(
        `the name of the connector has ${this.#connector.length} characters, and lambda.jdbc.watermark.table has room for ${NAME_CHARACTERS}; give it a shorter one`,
      );
    }
    const id = await this.#resolve(client);
    if (!(await this.#exists(client, id))) {
      try {
        await client.execute(this.#createStatement(id));
      } catch (error) {
        // Another task may have been quicker.
        if (!(error instanceof SqlException) || error.outage || !(await this.#exists(client, id))) throw error;
      }
    }
    this.#id = id;
  }

  /** Every row of the connector, by `topicPartitionKey`; empty where there is no table. */
  async list(client: JdbcClient): Promise<Map<string, WatermarkRow>> {
    const id = this.#id ?? (await this.#resolve(client));
    if (this.#id === null && !(await this.#exists(client, id))) return new Map();
    const names = ['kafka_topic', 'kafka_partition', ...VALUES].map((name) => this.#column(name)).join(', ');
    const { rows } = await client.query(
      `SELECT ${names} FROM ${this.#dialect.tableName(id)} WHERE ${this.#column('connector')} = ${this.#dialect.placeholder(1)}`,
      [this.#connector],
    );
    return new Map(
      rows.map(([topic, partition, nextOffset, generation, epoch, holder, evidence]) => [
        topicPartitionKey(String(topic), Number(partition)),
        {
          topic: String(topic),
          partition: Number(partition),
          nextOffset: Number(nextOffset),
          generation: Number(generation),
          epoch: Number(epoch),
          holder: String(holder),
          evidence: String(evidence),
        },
      ]),
    );
  }

  /**
   * Writes a row on the condition that it still is what was read (null = there was none). Answers false where it is not. The row stays locked until the
   * transaction ends. Throws SqlException, also where somebody inserted the row meanwhile.
   */
  async write(client: JdbcClient, before: WatermarkRow | null, row: WatermarkRow): Promise<boolean> {
    const table = this.#dialect.tableName(this.#id!);
    const key = [this.#connector, row.topic, row.partition];
    const values = [row.nextOffset, row.generation, row.epoch, row.holder, row.evidence];
    let index = 0;
    const assigned = (names: readonly string[]): string[] =>
      names.map((name) => `${this.#column(name)} = ${this.#dialect.placeholder(++index)}`);
    if (before === null) {
      const names = [...KEY, ...VALUES];
      const sql = `INSERT INTO ${table} (${names.map((name) => this.#column(name)).join(', ')}) VALUES (${names.map(() => this.#dialect.placeholder(++index)).join(', ')})`;
      await client.execute(sql, [...key, ...values]);
      return true;
    }
    const set = assigned(VALUES).join(', ');
    const where = assigned([...KEY, 'next_offset', 'generation', 'epoch', 'holder']).join(' AND ');
    const condition = [...key, before.nextOffset, before.generation, before.epoch, before.holder];
    return (await client.execute(`UPDATE ${table} SET ${set} WHERE ${where}`, [...values, ...condition])) === 1;
  }

  toString(): string {
    return this.#id === null ? this.#name : messageName(this.#id);
  }

  async #resolve(client: JdbcClient): Promise<TableId> {
    const { catalog, schema, table } = this.#dialect.parseTable(this.#name);
    const current = await this.#dialect.currentSchema(client);
    return { catalog: catalog ?? current.catalog, schema: schema ?? current.schema, table };
  }

  async #exists(client: JdbcClient, id: TableId): Promise<boolean> {
    const definition = await this.#dialect.describeTable(client, id, ['TABLE']);
    if (definition === null) return false;
    const columns = new Set([...definition.columns.keys()].map((name) => name.toLowerCase()));
    const missing = [...KEY, ...VALUES].filter((name) => !columns.has(name));
    if (missing.length === 0) return true;
    throw new ConnectException(
      `lambda.jdbc.watermark.table=${this.#name} names a table without the columns ${missing.join(', ')}: it is another table; name one that does not exist, and it is created`,
      { code: 'watermark-table' },
    );
  }

  #createStatement(id: TableId): string {
    const column = (name: string, type: string): string => `${this.#column(name)} ${type} NOT NULL`;
    const columns = [
      column('connector', `VARCHAR(${NAME_CHARACTERS})`),
      column('kafka_topic', `VARCHAR(${NAME_CHARACTERS})`),
      column('kafka_partition', 'INTEGER'),
      column('next_offset', 'BIGINT'),
      column('generation', 'BIGINT'),
      column('epoch', 'BIGINT'),
      column('holder', 'VARCHAR(255)'),
      column('evidence', 'TEXT'),
      `PRIMARY KEY (${KEY.map((name) => this.#column(name)).join(', ')})`,
    ];
    return `CREATE TABLE ${this.#dialect.tableName(id)} (${columns.join(', ')})${this.#dialect.exactTableOptions}`;
  }

  #column(name: string): string {
    return this.#dialect.columnName(name);
  }
}
