/** A column of a row description (PostgreSQL protocol, message T). */
export interface PgField {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

/** What of `pg`'s connection the extended protocol needs. */
interface PgConnection {
  parse(query: { text: string; name: string; types: number[] }): void;
  bind(portal: { portal: string; statement: string; values: readonly unknown[] }): void;
  describe(portal: { type: 'P'; name: string }): void;
  execute(portal: { portal: string; rows: number }): void;
  close(portal: { type: 'P'; name: string }): void;
  flush(): void;
  sync(): void;
}

type Row = (string | null)[];

/**
 * A query on the unnamed portal that answers `blockRows` rows at a time (extended protocol, Execute with a row limit). While one block
 * is worked on, the server sends the next; it waits after that, so at most two blocks are in memory. `pg` calls the `handle…` methods.
 */
export class PgCursor {
  readonly #text: string;
  readonly #values: readonly unknown[];
  readonly #blockRows: number;
  #connection: PgConnection | null = null;
  #rows: Row[] = [];
  /** A block that is complete and was not asked for yet. */
  #ready: Row[] | null = null;
  #ended = false;
  #closing = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;
  /** Set once the server has described the result. */
  fields: readonly PgField[] | null = null;

  constructor(text: string, values: readonly unknown[], blockRows: number) {
    this.#text = text;
    this.#values = values;
    this.#blockRows = blockRows;
  }

  /** Resolves when the columns are known. Throws what the server refused. */
  async opened(): Promise<readonly PgField[]> {
    while (this.fields === null) {
      if (this.#error !== null) throw this.#error;
      await this.#changed();
    }
    return this.fields;
  }

  /** The next block, [] at the end. */
  async next(): Promise<Row[]> {
    for (;;) {
      if (this.#ready !== null) {
        const block = this.#ready;
        this.#ready = null;
        if (!this.#ended && !this.#closing) this.#request();
        return block;
      }
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return [];
      await this.#changed();
    }
  }

  /** Ends the portal where rows are left. Resolves when the connection can be used again. */
  async close(): Promise<void> {
    if (!this.#ended && !this.#closing) {
      this.#closing = true;
      this.#connection?.close({ type: 'P', name: '' });
      this.#connection?.sync();
    }
    while (!this.#ended) await this.#changed();
  }

  #request(): void {
    this.#connection!.execute({ portal: '', rows: this.#blockRows });
    this.#connection!.flush();
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

  #blockComplete(): void {
    if (this.#rows.length > 0) this.#ready = this.#rows;
    this.#rows = [];
  }

  submit(connection: unknown): void {
    const to = connection as PgConnection;
    this.#connection = to;
    to.parse({ text: this.#text, name: '', types: [] });
    to.bind({ portal: '', statement: '', values: this.#values });
    to.describe({ type: 'P', name: '' });
    this.#request();
  }

  handleRowDescription(message: { fields: PgField[] }): void {
    this.fields = message.fields;
    this.#notify();
  }

  handleDataRow(message: { fields: Row }): void {
    this.#rows.push(message.fields);
  }

  handlePortalSuspended(): void {
    this.#blockComplete();
    this.#notify();
  }

  handleCommandComplete(): void {
    this.#blockComplete();
    if (!this.#closing) this.#connection!.sync();
    this.#closing = true;
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  /** `pg` takes the query off the connection before it calls this, and waits for the server itself. */
  handleError(error: unknown, connection?: unknown): void {
    this.#error = error;
    // After an error the server reads on only from the next Sync; a connection that is gone will never answer one.
    const alive = (error as { severity?: string }).severity !== undefined;
    if (alive && connection !== undefined && !this.#closing) (connection as PgConnection).sync();
    this.#closing = true;
    this.#ended = true;
    this.#notify();
  }

  handleReadyForQuery(): void {
    this.#ended = true;
    this.fields ??= [];
    this.#notify();
  }
}
