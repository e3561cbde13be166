import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres/start-postgres.ts';

const WORKER =
  'key.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.json.JsonConverter\noffset.flush.interval.ms=500\n';

describe('bad input of the command line', () => {
  let cwd: string;

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-bad-'));
    writeFileSync(join(cwd, 'worker.properties'), WORKER);
  });

  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const write = (file: string, content: unknown) =>
    writeFileSync(join(cwd, file), typeof content === 'string' ? content : JSON.stringify(content));
  const connector = (config: Record<string, string>) => ({ name: 'x', config });

  it.each([
    ['a missing file', null, /cannot read x\.json: there is no such file/],
    ['malformed JSON', '{"name": "x",\n  "config": {"a": }}', /malformed JSON in line 2, column 19/],
    [
      'an unknown class',
      connector({ 'connector.class': 'JdbcSorceConnector' }),
      /Failed to find any class that implements Connector and which name matches JdbcSorceConnector/,
    ],
    [
      'a missing required key',
      connector({ 'connector.class': 'JdbcSourceConnector', 'connection.url': 'jdbc:sqlite:a.db', mode: 'bulk' }),
      /topic\.prefix: Missing required configuration "topic\.prefix" which has no default value\./,
    ],
    [
      'a wrong type',
      connector({ 'connector.class': 'FileStreamSource', topic: 't', 'tasks.max': 'two' }),
      /tasks\.max: Invalid value two for configuration tasks\.max: Not a number of type INT/,
    ],
    [
      'an unknown transformation',
      connector({
        'connector.class': 'FileStreamSource',
        topic: 't',
        transforms: 'a',
        'transforms.a.type': 'org.apache.kafka.connect.transforms.ReplaceFeld$Value',
      }),
      /did you mean org\.apache\.kafka\.connect\.transforms\.ReplaceField\$Value/,
    ],
    [
      'a database without a dialect',
      connector({
        'connector.class': 'JdbcSourceConnector',
        'connection.url': 'jdbc:oracle:thin:@127.0.0.1:1521/x',
        mode: 'bulk',
        'topic.prefix': 'p',
      }),
      /connection\.url: no dialect for jdbc:oracle:; allowed: jdbc:postgresql:, jdbc:mysql:, jdbc:mariadb:, jdbc:sqlite:/,
    ],
    [
      'a promise that is not kept',
      connector({ 'connector.class': 'FileStreamSource', topic: 't', 'exactly.once.support': 'required' }),
      /exactly\.once\.support: The connector does not support exactly-once semantics with the provided configuration\./,
    ],
  ])('tells of %s in one message and ends with 2', async (_, content, message) => {
    if (content !== null) write('x.json', content);

    for (const command of ['validate', 'standalone']) {
      const { code, output } = await runCli([command, 'worker.properties', 'x.json'], { cwd });

      expect(output).toMatch(message);
      expect(code).toBe(2);
    }
  });

  it('names an unknown key of a pipeline file and the one that was meant', async () => {
    write('p.json', {
      name: 'p',
      worker: { 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
      connectors: [{ name: 'a', config: { 'connector.class': 'FileStreamSource', topic: 't', flie: 'x' } }],
    });

    const { code, output } = await runCli(['validate', 'p.json'], { cwd });

    expect(output).toContain('a: flie: unknown key; did you mean file?');
    expect(code).toBe(2);
  });

  it('ends with 3 when no broker can be reached, and says where it looked', async () => {
    writeFileSync(join(cwd, 'worker.properties'), `${WORKER}bootstrap.servers=127.0.0.1:1\n`);
    write('x.json', connector({ 'connector.class': 'FileStreamSource', file: 'f', topic: 't' }));

    const { code, output } = await runCli(['standalone', 'worker.properties', 'x.json'], { cwd });

    expect(output).toMatch(/kafka cannot be reached at 127\.0\.0\.1:1: .*check bootstrap\.servers/);
    expect(code).toBe(3);
  });

  it.each([
    [['standlone'], /unknown command 'standlone'; did you mean 'standalone'\?/],
    [['standalone'], /standalone needs at least one file/],
    [['validate', '--outptu', 'json'], /unknown flag --outptu of validate; did you mean --output\?/],
    [['broker', '--port', 'abc'], /--port must be a number from 0 to 65535, got 'abc'/],
  ])('refuses %j with a hint', async (args, message) => {
    const { code, output } = await runCli(args, { cwd });

    expect(output).toMatch(message);
    expect(code).toBe(2);
  });

  describe('met while running', () => {
    let postgres: TestPostgres;

    beforeAll(async () => {
      postgres = await startPostgres();
    });

    afterAll(() => postgres.stop());

    /** Starts standalone with this connector and waits until its task or the connector is FAILED; answers what was printed. */
    async function failure(config: Record<string, string>, worker = ''): Promise<string> {
      writeFileSync(join(cwd, 'worker.properties'), WORKER + worker);
      write('x.json', connector(config));
      const running = startCli(['standalone', 'worker.properties', 'x.json'], { cwd });
      await waitFor(() => /(?:task|connector) FAILED/.test(running.output()), running, 60_000);
      expect(await running.end('SIGTERM')).toBe(0);
      return running.output();
    }

    const jdbc = (more: Record<string, string>): Record<string, string> => ({
      'connector.class': 'JdbcSourceConnector',
      'connection.url': postgres.jdbcUrl,
      'connection.user': postgres.user,
      'connection.password': postgres.password,
      mode: 'bulk',
      'topic.prefix': 'p-',
      'connection.attempts': '1',
      ...more,
    });

    it('an unreachable database', async () => {
      expect(await failure(jdbc({ 'connection.url': 'jdbc:postgresql://127.0.0.1:1/nothing' }))).toMatch(/127\.0\.0\.1:1/);
    });

    it('a wrong password is never printed', async () => {
      const output = await failure(jdbc({ 'connection.user': 'nobody', 'connection.password': 'hunter2-secret' }));

      expect(output).toMatch(/nobody/);
      expect(output).not.toContain('hunter2-secret');
    });

    it('a missing table, in the words of the JDBC connector', async () => {
      const output = await failure(jdbc({ 'table.whitelist': 'no_such_table', mode: 'incrementing', 'incrementing.column.name': 'id' }));

      expect(output).toContain('If run in table mode please make sure that the tables exist on the database.');
    });

    it('a row that cannot be converted fails the task with its trace, and nothing after it is committed', async () => {
      writeFileSync(join(cwd, 'in.txt'), 'a\nb\n');
      const output = await failure({
        'connector.class': 'FileStreamSource',
        file: join(cwd, 'in.txt'),
        topic: 'lines',
        transforms: 'c',
        'transforms.c.type': 'org.apache.kafka.connect.transforms.Cast$Value',
        'transforms.c.spec': 'int32',
      });

      expect(output).toMatch(/org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler/);
      expect(output).toMatch(/Caused by: .*DataException/);
    });

    it('a topic that may not be created', async () => {
      writeFileSync(join(cwd, 'in.txt'), 'a\n');
      const output = await failure({
        'connector.class': 'FileStreamSource',
        file: join(cwd, 'in.txt'),
        topic: 'no good topic name',
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
      });

      expect(output).toMatch(/no good topic name/);
    });
  });
});
