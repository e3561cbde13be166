import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { kafkaUnavailable } from '../support/kafka/jars.ts';
import { type RunningKafka, startKafka } from '../support/kafka/start-kafka.ts';
import { mariadbUnavailable, startMariadb, type TestMariadb } from '../support/mariadb/start-mariadb.ts';
import { startPostgres, type TestPostgres } from '../support/postgres/start-postgres.ts';

const CASES = join(import.meta.dirname, '../conformance/cases/jdbc');
const ROOT = join(import.meta.dirname, '../..');
/**
 * Failures of the runner's own client: its errors, what it waited for in vain, and a message that its producer, which is not idempotent, sent twice because one of
 * three new partitions was not there yet. That shows as a further row under a primary key of topic, partition and offset: another message, not the same one twice.
 */
const OF_THE_RUNNER =
  /: (error: .*KafkaJS|error: .*does not host this topic-partition|timeout: )|^FAIL sink-\w+-partitions-kafka-pk: \/tables\/out\/rows/;
const unavailable = kafkaUnavailable() ?? mariadbUnavailable();
if (unavailable !== null && process.env.CI === 'true') throw new Error(unavailable);

describe.skipIf(unavailable !== null)(
  `the recorded cases of the JDBC connectors, over REST and real Kafka${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  () => {
    let folder: string;
    let kafka: RunningKafka;
    let postgres: TestPostgres;
    let mariadb: TestMariadb;
    let worker: RunningCli;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'serverless-connect-jdbc-'));
      [kafka, postgres, mariadb] = await Promise.all([
        startKafka({ properties: { 'auto.create.topics.enable': 'true', 'num.partitions': '1' } }),
        startPostgres({ settings: { max_connections: '200' } }),
        startMariadb(),
      ]);
      for (const file of readdirSync(CASES).filter((name) => name.endsWith('.gz'))) {
        writeFileSync(join(folder, file.replace(/\.gz$/, '')), gunzipSync(readFileSync(join(CASES, file))));
      }
      writeFileSync(
        join(folder, 'worker.properties'),
        [
          `bootstrap.servers=${kafka.bootstrap}`,
          'key.converter=org.apache.kafka.connect.json.JsonConverter',
          'value.converter=org.apache.kafka.connect.json.JsonConverter',
          'offset.flush.interval.ms=500',
          'listeners=http://127.0.0.1:0',
        ].join('\n'),
      );
      worker = startCli(['standalone', 'worker.properties', '--state', 'memory'], { cwd: folder });
      await waitFor(() => restUrl() !== undefined, worker);
    });

    afterAll(async () => {
      await worker?.end('SIGTERM');
      await Promise.all([kafka?.stop(), postgres?.stop(), mariadb?.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    const restUrl = (): string | undefined => /"message":"REST API listening","url":"([^"]+)"/.exec(worker.output())?.[1];

    const replay = async (environment: Readonly<Record<string, string>>): Promise<string> => {
      const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
      const child = spawn(
        process.execPath,
        [
          join(CASES, 'replay.mjs'),
          restUrl() as string,
          kafka.bootstrap,
          postgres.url.replace(/\/postgres$/, ''),
          mariadb.url,
          ...files.map((name) => join(folder, name)),
        ],
        { cwd: ROOT, env: { ...process.env, KAFKAJS: ROOT, SKIP_QUIRKS: '1', SQLITE_DIR: folder, TIMEOUT_MS: '60000', ...environment } },
      );
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      child.stderr.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'exit');
      return output;
    };

    it('come out as recorded', { timeout: 600_000 }, async () => {
      const output = await replay({ PARALLEL: '6' });
      const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(output.trim()) ?? [];
      expect([Number(passed) + Number(failed), Number(skipped)]).toEqual([399, 12]);

      // On a busy machine the runner's own Kafka client gives up on topics it has just created; such cases are judged again, one at a time. A wrong result is not.
      const failures = [...output.matchAll(/^FAIL ([\w-]+): .*$/gm)];
      expect(failures.map(([line]) => line).filter((line) => !OF_THE_RUNNER.test(line))).toEqual([]);
      const again = failures.map(([, id]) => id);
      if (again.length > 0) {
        console.log(`judged again: ${again.join(', ')}`);
        expect(again.length).toBeLessThan(40);
        expect(await replay({ PARALLEL: '1', FILTER: `^(${again.join('|')})$` })).toMatch(
          new RegExp(`^${again.length} passed, 0 failed`, 'm'),
        );
      }
    });
  },
);
