import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { runCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres/start-postgres.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** The code block that follows this text in the README. */
function snippet(after: string, language: string): string {
  const from = README.indexOf(after);
  const start = README.indexOf(`\`\`\`${language}\n`, from);
  if (from < 0 || start < 0) throw new Error(`the README has no ${language} block after '${after}'`);
  const text = README.slice(start + language.length + 4);
  return text.slice(0, text.indexOf('\n```'));
}

describe("the README's own configuration", () => {
  const FILES = ['worker.properties', 'orders-source.json', 'orders-sink.json'];
  let postgres: TestPostgres;
  let client: pg.Client;
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let cwd: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    [postgres, broker] = await Promise.all([startPostgres(), startBroker()]);
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    await admin.query("CREATE USER shop PASSWORD 'secret'");
    await admin.query('CREATE DATABASE shop OWNER shop');
    await admin.end();
    client = new pg.Client({ connectionString: `postgres://shop:secret@127.0.0.1:${postgres.port}/shop` });
    await client.connect();
    await client.query(
      'CREATE TABLE orders (id serial PRIMARY KEY, customer text NOT NULL, amount float8, updated_at timestamp NOT NULL DEFAULT now())',
    );
    await client.query("INSERT INTO orders (customer, amount) SELECT 'customer ' || i, i * 1.5 FROM generate_series(1, 1000) AS i");
    cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-readme-'));
    // Only addresses differ: servers of a test have ports of their own.
    const here = (text: string) =>
      text
        .replace('127.0.0.1:9092', broker.bootstrap)
        .replace('127.0.0.1:5432', `127.0.0.1:${postgres.port}`)
        .replace('/tmp/connect.offsets', join(cwd, 'connect.offsets'));
    writeFileSync(join(cwd, 'worker.properties'), here(snippet('`worker.properties`:', 'properties')));
    writeFileSync(join(cwd, 'orders-source.json'), here(snippet('`orders-source.json`', 'json')));
    writeFileSync(join(cwd, 'orders-sink.json'), here(snippet('`orders-sink.json`', 'json')));
    env = { SHOP_PASSWORD: 'secret' };
  });

  afterAll(async () => {
    await client?.end();
    await broker?.close();
    await postgres?.stop();
    if (cwd !== undefined) rmSync(cwd, { recursive: true, force: true });
  });

  it('validates without a warning', async () => {
    const { code, output } = await runCli(['validate', ...FILES], { cwd, env });

    expect(output).toContain('2 connectors, 0 errors, 0 warnings');
    expect(code).toBe(0);
  });

  it('copies the table, and every later change of it', async () => {
    const running = startCli(['standalone', ...FILES], { cwd, env });
    const differing = async () => {
      const { rows } = await client.query("SELECT to_regclass('orders_copy') IS NOT NULL AS there");
      if (!rows[0].there) return -1;
      const { rows: found } = await client.query(
        'SELECT count(*) AS n FROM (SELECT id, customer, amount FROM orders EXCEPT SELECT id, customer, amount FROM orders_copy) AS missing',
      );
      return Number(found[0].n);
    };
    await waitFor(async () => (await differing()) === 0, running);

    await client.query('UPDATE orders SET amount = amount + 1, updated_at = now() WHERE id <= 10');
    await client.query("INSERT INTO orders (customer, amount) VALUES ('late', 1)");
    await waitFor(async () => (await differing()) === 0, running);

    expect(Number((await client.query('SELECT count(*) AS n FROM orders_copy')).rows[0].n)).toBe(1001);
    expect(await running.end('SIGTERM')).toBe(0);
    expect(running.output()).not.toContain('secret');
  });
});
