import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, smallMysqlClient } from '../../../infra/constructs/connector-bundle.ts';
import type { MysqlClient } from '../../../lib/connectors/jdbc/mysql-client.ts';
import { mariadbUnavailable, startMariadb, type TestMariadb } from '../../support/mariadb/start-mariadb.ts';

const unavailable = mariadbUnavailable();
if (unavailable !== null && process.env.CI === 'true') throw new Error(unavailable);

describe.skipIf(unavailable !== null)(`the MySQL client of a bundle${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, () => {
  let folder: string;
  let mariadb: TestMariadb;
  let Client: typeof MysqlClient;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'serverless-connect-mysql-'));
    const outfile = join(folder, 'client.cjs');
    await build({
      entryPoints: [join(ROOT, 'lib/connectors/jdbc/mysql-client.ts')],
      outfile,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      logLevel: 'silent',
      plugins: [smallMysqlClient],
    });
    Client = (createRequire(outfile)(outfile) as { MysqlClient: typeof MysqlClient }).MysqlClient;
    mariadb = await startMariadb();
  }, 120_000);

  afterAll(async () => {
    await mariadb?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes, reads, and tells what was refused', async () => {
    const client = await Client.open({
      url: mariadb.jdbcUrl,
      user: mariadb.user,
      password: mariadb.password,
      properties: {},
      isolation: 'READ_COMMITTED',
    });
    await client.execute('create table t (id bigint primary key, name varchar(20), picture blob)');
    await client.begin();
    expect(await client.execute("insert into t values (1, ?, x'00ff'), (2, ?, null)", ['né?', '🙂'])).toBe(2);
    await client.commit();

    expect((await client.query('select id, name from t where id > ?', [1])).rows).toEqual([['2', '🙂']]);
    const cursor = await client.openCursor('select * from t order by id', [], 1);
    expect(cursor.columns.map(({ name, typeName }) => `${name} ${typeName}`)).toEqual(['id bigint', 'name varchar', 'picture blob']);
    expect(await cursor.next()).toEqual([['1', 'né?', Buffer.from([0, 255])]]);
    expect(await cursor.next()).toEqual([['2', '🙂', null]]);
    expect(await cursor.next()).toEqual([]);
    await cursor.close();
    await expect(client.execute('insert into t (id) values (1)')).rejects.toMatchObject({
      message: "Duplicate entry '1' for key 'PRIMARY'",
      sqlState: '23000',
      outage: false,
    });
    await client.close();
  });
});
