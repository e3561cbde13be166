import pg from 'pg';

/** An order as both databases hold it. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly amount: number;
}

/** The two databases of the pipeline, on one PostgreSQL server. */
export interface Shop {
  /** Adds so many orders and answers how many there are. */
  order(count: number): Promise<number>;
  /** What arrived in the other database, by id; empty while its table is not there. */
  arrived(): Promise<Order[]>;
  ordered(): Promise<Order[]>;
  close(): Promise<void>;
}

const COLUMNS = 'SELECT id::int AS id, customer, amount FROM orders ORDER BY id';

/** Makes the databases `shop`, with its table, and `analytics`, which the sink fills. */
export async function openShop(url: string): Promise<Shop> {
  const of = (database: string): string => Object.assign(new URL(url), { pathname: `/${database}` }).href;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  for (const database of ['shop', 'analytics']) await server.query(`CREATE DATABASE ${database}`);
  await server.end();
  const shop = new pg.Client({ connectionString: of('shop') });
  const analytics = new pg.Client({ connectionString: of('analytics') });
  await Promise.all([shop.connect(), analytics.connect()]);
  await shop.query(
    'CREATE TABLE orders (id BIGSERIAL PRIMARY KEY, customer TEXT NOT NULL, amount INTEGER NOT NULL, updated_at TIMESTAMP NOT NULL DEFAULT clock_timestamp())',
  );
  let total = 0;
  return {
    async order(count) {
      await shop.query("INSERT INTO orders (customer, amount) SELECT 'customer ' || n % 97, n % 1000 FROM generate_series(1, $1::int) n", [
        count,
      ]);
      total += count;
      return total;
    },
    async ordered() {
      return (await shop.query<Order>(COLUMNS)).rows;
    },
    async arrived() {
      try {
        return (await analytics.query<Order>(COLUMNS)).rows;
      } catch (error) {
        // 42P01: the sink has not created it yet.
        if ((error as { code?: string }).code === '42P01') return [];
        throw error;
      }
    },
    async close() {
      await Promise.all([shop.end(), analytics.end()]);
    },
  };
}
