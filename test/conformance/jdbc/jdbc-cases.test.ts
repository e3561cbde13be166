import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbUnavailable, startMariadb } from '../../support/mariadb/start-mariadb.ts';
import { startPostgres } from '../../support/postgres/start-postgres.ts';
import type { CaseServers } from './case-databases.ts';
import { readJdbcCases } from './jdbc-case.ts';
import { runJdbcCase } from './run-jdbc-case.ts';

const CASES = join(import.meta.dirname, '../cases/jdbc');
const FILES = ['source-postgres', 'source-sqlite', 'source-mysql', 'sink-postgres', 'sink-sqlite', 'sink-mysql'];
const NO_MARIADB = mariadbUnavailable();
if (NO_MARIADB !== null && process.env.CI === 'true') throw new Error(NO_MARIADB);
if (NO_MARIADB !== null) console.log(`skipping the MySQL cases: ${NO_MARIADB}`);

/** Cases marked `quirk`: failures of the Java driver or of unguarded code. Where ours differs, this says how. */
const BETTER: Readonly<Record<string, string>> = {
  'source-postgres-ts-text-column': 'a text column that holds timestamps works as one',
  'source-sqlite-type-decimal-10-2': 'decimals become Decimal, which the Java driver cannot read',
  'source-sqlite-type-blob': 'blobs become bytes, which the Java driver cannot read',
  'source-sqlite-rowid-alias': 'INTEGER PRIMARY KEY numbers itself, so it is found as the incrementing column',
  'source-sqlite-query': 'expressions of any type become fields',
  'sink-postgres-types-default-with-quote': 'quotes in defaults are escaped',
  'sink-sqlite-types-default-with-quote': 'quotes in defaults are escaped',
};

let servers: CaseServers;
let serial = 0;

beforeAll(async () => {
  const [postgres, mariadb] = await Promise.all([startPostgres(), NO_MARIADB === null ? startMariadb() : null]);
  servers = { postgres, mariadb };
});

afterAll(async () => {
  await Promise.all([servers.postgres.stop(), servers.mariadb?.stop()]);
});

describe.each(FILES)('recorded cases of %s', (file) => {
  const cases = readJdbcCases(join(CASES, `${file}.json.gz`));

  it.skipIf(file.endsWith('mysql') && NO_MARIADB !== null).concurrent.each(cases.map((kase) => [kase.id, kase] as const))(
    '%s',
    async (id, kase) => {
      const different = await runJdbcCase(kase, serial++, servers);

      if (id in BETTER) expect(different, BETTER[id]).not.toEqual([]);
      else expect(different).toEqual([]);
    },
  );
});
