import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../support/postgres/start-postgres.ts';
import { readJdbcCases } from './jdbc-case.ts';
import { runJdbcCase } from './run-jdbc-case.ts';

const CASES = join(import.meta.dirname, '../cases/jdbc');
const FILES = ['source-postgres', 'source-sqlite', 'sink-postgres', 'sink-sqlite'];

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

let server: TestPostgres;
let serial = 0;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describe.each(FILES)('recorded cases of %s', (file) => {
  const cases = readJdbcCases(join(CASES, `${file}.json.gz`));

  it.concurrent.each(cases.map((kase) => [kase.id, kase] as const))('%s', async (id, kase) => {
    const different = await runJdbcCase(kase, serial++, server);

    if (id in BETTER) expect(different, BETTER[id]).not.toEqual([]);
    else expect(different).toEqual([]);
  });
});
