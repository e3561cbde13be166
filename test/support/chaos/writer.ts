import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { between } from './seeded-random.ts';

/** Writes rows until it is stopped, through restarts of the database. */
export interface Writer {
  /** The last number given to a row's state. */
  readonly last: number;
  /** Resolves when what was begun is committed. */
  stop(): Promise<void>;
}

const ACCOUNTS = 40;

/** Rows come in bursts: connectors are met at work and at rest. */
const BURST_MS = 2_500;
const REST_MS = 2_500;

/** One transaction: statements that can be repeated, for an answer to a commit can be lost. */
interface Transaction {
  readonly sql: string;
  readonly rows: readonly (readonly (number | string)[])[];
}

/** Inserts rows with growing ids: `payments`. */
export function writePayments(url: string, random: () => number, pauseMs: number): Writer {
  let id = 0;
  return write(
    url,
    random,
    pauseMs,
    () => ({
      sql: 'INSERT INTO payments (id, account, seq) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
      rows: Array.from({ length: between(random, 1, 8) }, () => [++id, between(random, 1, ACCOUNTS), id]),
    }),
    () => id,
  );
}

/** Inserts rows and updates some of them: `orders`. Each state has a number and, one after the other, a time of its own. */
export function writeOrders(url: string, random: () => number, pauseMs: number): Writer {
  let seq = 0;
  let id = 0;
  let atMs = 0;
  const accountOf: number[] = [0];
  return write(
    url,
    random,
    pauseMs,
    () => ({
      sql: `INSERT INTO orders AS o (id, account, seq, updated_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, updated_at = excluded.updated_at WHERE o.seq < excluded.seq`,
      rows: Array.from({ length: between(random, 1, 8) }, () => {
        const isNew = id === 0 || random() < 0.6;
        const row = isNew ? ++id : between(random, Math.max(1, id - 50), id);
        accountOf[row] ??= between(random, 1, ACCOUNTS);
        atMs = Math.max(atMs + 1, Date.now());
        return [row, accountOf[row] as number, ++seq, new Date(atMs).toISOString()];
      }),
    }),
    () => seq,
  );
}

function write(url: string, random: () => number, pauseMs: number, next: () => Transaction, last: () => number): Writer {
  const stop = new AbortController();
  let client: pg.Client | null = null;

  const connected = async (): Promise<pg.Client> => {
    if (client !== null) return client;
    const fresh = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    fresh.on('error', () => undefined);
    await fresh.connect();
    client = fresh;
    return fresh;
  };

  const commit = async ({ sql, rows }: Transaction): Promise<void> => {
    for (;;) {
      try {
        const db = await connected();
        await db.query('BEGIN');
        for (const row of rows) await db.query(sql, [...row]);
        await db.query('COMMIT');
        return;
      } catch {
        await client?.end().catch(() => undefined);
        client = null;
        await sleep(200);
      }
    }
  };

  const rest = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const burstEndsAt = Date.now() + BURST_MS;
      while (!stop.signal.aborted && Date.now() < burstEndsAt) {
        await commit(next());
        await rest(random() * 2 * pauseMs);
      }
      await rest(REST_MS);
    }
    await client?.end();
  };
  const done = run();
  return {
    get last() {
      return last();
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}
