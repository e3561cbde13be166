import type { Connection, FieldPacket } from 'mysql2';

type Row = (Buffer | null)[];

/**
 * A query whose rows are handed out `blockRows` at a time. The server sends all of them at once, so the socket is paused while two blocks
 * wait: at most those and one socket buffer are in memory.
 */
export class MysqlCursor {
  readonly #connection: Connection;
  readonly #blockRows: number;
  #fields: readonly FieldPacket[] | null = null;
  #rows: Row[] = [];
  #ended = false;
  #closed = false;
  #paused = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;

  constructor(connection: Connection, sql: string, blockRows: number) {
    this.#connection = connection;
    this.#blockRows = blockRows;
    const end = (error: unknown): void => {
      this.#error ??= error;
      this.#ended = true;
      connection.off('error', end);
      this.#notify();
    };
    // A query without callback hears nothing of a connection that breaks: the connection does.
    connection.on('error', end);
    const query = connection.query({ sql, rowsAsArray: true, typeCast: false });
    query.on('fields', (fields: FieldPacket[]) => {
      this.#fields = fields;
      this.#notify();
    });
    query.on('result', (row: unknown) => this.#take(row as Row));
    query.on('error', end);
    query.on('end', () => end(null));
  }

  /** Resolves when the columns are known. Throws what the server refused. */
  async opened(): Promise<readonly FieldPacket[]> {
    while (this.#fields === null) {
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return [];
      await this.#changed();
    }
    return this.#fields;
  }

  /** The next block, [] at the end. */
  async next(): Promise<Row[]> {
    while (this.#rows.length < this.#blockRows && !this.#ended) {
      this.#resume();
      await this.#changed();
    }
    if (this.#rows.length === 0 && this.#error !== null) throw this.#error;
    const block = this.#rows.length <= this.#blockRows ? this.#rows : this.#rows.slice(0, this.#blockRows);
    this.#rows = block === this.#rows ? [] : this.#rows.slice(this.#blockRows);
    if (this.#rows.length < this.#blockRows) this.#resume();
    return block;
  }

  /** Drops what the server still sends. Resolves when the connection can be used again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rows = [];
    while (!this.#ended) {
      this.#resume();
      await this.#changed();
    }
  }

  #take(row: Row): void {
    if (this.#closed) return;
    this.#rows.push(row);
    if (this.#rows.length === this.#blockRows) this.#notify();
    if (this.#rows.length >= 2 * this.#blockRows && !this.#paused) {
      this.#paused = true;
      this.#connection.pause();
    }
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#connection.resume();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
