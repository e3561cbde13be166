import { access } from 'node:fs/promises';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startPostgres } from '../../support/postgres/start-postgres.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it('starts two servers at once, survives a kill with its data, and leaves nothing behind', async () => {
  const [one, two] = await Promise.all([startPostgres({ settings: { wal_level: 'logical' } }), startPostgres()]);
  try {
    expect(one.port).not.toBe(two.port);
    expect(await query(one.url, 'show wal_level')).toEqual([{ wal_level: 'logical' }]);
    await query(one.url, 'create table t (id int); insert into t values (7)');
    await one.kill();
    await expect(query(one.url, 'select 1')).rejects.toThrow();
    await one.restart();
    expect(await query(one.url, 'select id from t')).toEqual([{ id: 7 }]);
    const wrong = one.url.replace('p%40ss', 'wrong');
    await expect(query(wrong, 'select 1')).rejects.toThrow(/password authentication failed/);
    const [{ folder }] = (await query(one.url, "select current_setting('data_directory') as folder")) as [{ folder: string }];
    await one.stop();
    await expect(access(folder)).rejects.toThrow(/ENOENT/);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
});
