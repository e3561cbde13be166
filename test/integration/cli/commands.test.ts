import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/cli/run-cli.ts';
import { runHere } from '../../support/cli/run-here.ts';
import { startTestStandalone, type TestStandalone } from '../../support/cli/start-standalone.ts';

describe('commands against a standalone process', () => {
  let standalone: TestStandalone;
  const cli = (...argv: string[]) => runHere(argv, { url: standalone.url, cwd: standalone.cwd });
  const json = async (...argv: string[]) => JSON.parse((await cli(...argv, '--output', 'json')).out);
  const kafka = () => ['--bootstrap-server', standalone.bootstrap];
  const file = (name: string, text: string) => writeFileSync(join(standalone.cwd, name), text);

  beforeAll(async () => {
    standalone = await startTestStandalone();
    const at = (name: string) => join(standalone.cwd, name);
    file('in.txt', '{"a":1}\nnot json\n{"a":2}\n');
    const source = { 'connector.class': 'FileStreamSource', file: at('in.txt'), topic: 'lines' };
    file('source.json', JSON.stringify({ name: 'lines-source', config: { ...source, 'value.converter': 'StringConverter' } }));
    const queue = 'errors.tolerance=all\nerrors.deadletterqueue.topic.name=lines-dlq\nerrors.deadletterqueue.context.headers.enable=true\n';
    const replicas = 'errors.deadletterqueue.topic.replication.factor=1\n';
    file('sink.properties', `name=lines-sink\nconnector.class=FileStreamSink\ntopics=lines\nfile=${at('out.txt')}\n${queue}${replicas}`);
    expect(await cli('create', 'source.json', 'sink.properties', '--wait')).toMatchObject({ code: 0, err: '' });
    await waitFor(async () => (await json('dlq', 'ls', ...kafka()))[0].records === 1, standalone.process);
    await waitFor(async () => (await json('offsets', 'get', 'lines-sink')).offsets[0]?.offset.kafka_offset === 3, standalone.process);
    await waitFor(async () => (await json('offsets', 'get', 'lines-source')).offsets[0]?.offset.position === 25, standalone.process);
  });

  afterAll(() => standalone?.close());

  it('list, status, get, tasks, topics, plugins and logs show what is there', async () => {
    expect((await cli('list')).out).toBe(
      'NAME          TYPE    STATE    TASKS  CLASS\n' +
        'lines-sink    sink    RUNNING    1/1  FileStreamSink\n' +
        'lines-source  source  RUNNING    1/1  FileStreamSource\n',
    );
    expect((await cli('list', '--output', 'names')).out).toBe('lines-sink\nlines-source\n');
    expect(await json('status', 'lines-sink')).toMatchObject([{ name: 'lines-sink', connector: { state: 'RUNNING' }, tasks: [{ id: 0 }] }]);
    expect(await json('get', 'lines-source')).toMatchObject({ name: 'lines-source', config: { topic: 'lines' } });
    expect(await json('tasks', 'lines-sink')).toMatchObject([{ id: 0, state: 'RUNNING', config: { topics: 'lines' } }]);
    expect((await cli('topics', 'lines-source')).out).toBe('lines\n');
    expect((await json('plugins')).map((plugin: { class: string }) => plugin.class)).toContain(
      'org.apache.kafka.connect.file.FileStreamSinkConnector',
    );
    expect((await cli('plugins', 'FileStreamSink')).out).toMatch(/^file +STRING +null +HIGH/m);
    expect((await cli('logs', 'root', 'warn')).out).toBe('root WARN\n');
    expect(await json('logs', 'root')).toMatchObject({ root: { level: 'WARN' } });
    expect((await cli('logs', 'root', 'info', '--scope', 'cluster')).code).toBe(0);
  });

  it('shrinks a table to the terminal and colours states, unless NO_COLOR', async () => {
    const { out } = await runHere(['list'], { url: standalone.url, columns: 48, env: { NO_COLOR: '1' } });
    expect(out.split('\n').every((line) => line.length <= 48)).toBe(true);
    expect((await runHere(['list'], { url: standalone.url, columns: 80 })).out).toContain('\u001b[32mRUNNING\u001b[0m');
  });

  it('pauses, resumes, stops and restarts, and waits for the tasks', async () => {
    expect((await cli('pause', 'lines-sink', '--wait')).out).toBe('lines-sink is PAUSED\n');
    expect((await cli('resume', 'lines-sink', '--wait')).out).toBe('lines-sink is RUNNING\n');
    expect((await cli('stop', 'lines-sink', '--wait')).out).toBe('lines-sink is STOPPED\n');
    expect((await json('status', 'lines-sink'))[0].tasks).toEqual([]);
    expect((await cli('resume', 'lines-sink', '--wait')).code).toBe(0);
    expect((await cli('restart', 'lines-sink', '--include-tasks', '--wait')).out).toBe('lines-sink is RUNNING\n');
    expect((await cli('restart', 'lines-sink', '--task', '7')).code).toBe(1);
  });

  it('apply shows what changes, and changes nothing in a dry run', async () => {
    const { config } = await json('get', 'lines-source');
    file('changed.json', JSON.stringify({ name: 'lines-source', config: { ...config, 'batch.size': '10' } }));
    const change = 'lines-source would be updated\n  + batch.size = 10\n';
    expect((await cli('apply', 'changed.json', '--dry-run')).out).toBe(change);
    expect((await cli('apply', 'changed.json', '--dry-run')).out).toBe(change);
    expect((await cli('apply', 'changed.json', '--wait')).out).toBe('lines-source updated\n  + batch.size = 10\n');
    expect((await cli('apply', 'changed.json')).out).toBe('lines-source unchanged\n');
  });

  it('moves a sink: needs STOPPED, shows before and after, resumes', async () => {
    const at = async () => (await json('offsets', 'get', 'lines-sink')).offsets[0].offset.kafka_offset;
    const before = await at();
    const refused = await cli('offsets', 'set', 'lines-sink', '--to-earliest', ...kafka());
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('only while it is STOPPED; add --stop') });
    const plan = await json('offsets', 'set', 'lines-sink', '--shift-by=-1', '--dry-run');
    expect(plan.changes).toEqual([
      {
        partition: { kafka_topic: 'lines', kafka_partition: 0 },
        before: { kafka_offset: before },
        after: { kafka_offset: before - 1 },
      },
    ]);
    expect((await cli('stop', 'lines-sink', '--wait')).code).toBe(0);
    for (const [flags, expected] of [
      [['--to-earliest', ...kafka()], 0],
      [['--to-latest', ...kafka()], before],
      [['--to-timestamp', '2020-01-01T00:00:00Z', ...kafka()], 0],
      [['--to-offset', '2', '--topic', 'lines:0'], 2],
      [['--shift-by', '99', ...kafka()], before],
    ] as const) {
      expect(await cli('offsets', 'set', 'lines-sink', '--yes', ...flags)).toMatchObject({ code: 0 });
      expect(await at()).toBe(expected);
    }
    expect((await cli('offsets', 'reset', 'lines-sink', '--yes')).out).toMatch(/one offset changed/);
    expect((await json('offsets', 'get', 'lines-sink')).offsets).toEqual([]);
    expect((await cli('resume', 'lines-sink', '--wait')).code).toBe(0);
  });

  it('sets, exports, resets and imports offsets of a source, stopping it for that', async () => {
    const source = ['lines-source', '--stop', '--yes'];
    const partition = JSON.stringify({ filename: join(standalone.cwd, 'in.txt') });
    expect((await cli('offsets', 'export', 'lines-source', '--file', 'copy.json')).out).toBe(
      'one offset of lines-source written to copy.json\n',
    );
    const set = await cli('offsets', 'set', ...source, '--partition', partition, '--offset', '{"position":9}');
    expect(set).toMatchObject({ code: 0, out: expect.stringContaining('one offset changed, lines-source goes on') });
    expect((await cli('offsets', 'reset', ...source)).code).toBe(0);
    expect((await cli('offsets', 'import', 'lines-source', 'copy.json', '--stop', '--yes')).code).toBe(0);
    expect((await json('status', 'lines-source'))[0].connector.state).toBe('RUNNING');
  });

  it('shows dead letters with their reasons and sends them back, but not for ever', async () => {
    const [letter] = await json('dlq', 'show', 'lines-dlq', ...kafka(), '--limit', '1');
    expect(letter).toMatchObject({
      origin: { topic: 'lines', partition: 0, offset: 1 },
      connector: 'lines-sink',
      stage: 'VALUE_CONVERTER',
      error: 'org.apache.kafka.connect.errors.DataException',
      attempts: 0,
      valueBase64: Buffer.from('not json').toString('base64'),
    });
    const none = await json('dlq', 'redrive', 'lines-dlq', ...kafka(), '--error', 'TimeoutException');
    expect(none).toMatchObject({ dryRun: true, sent: 0 });
    const redrive = () => json('dlq', 'redrive', 'lines-dlq', ...kafka(), '--execute', '--max-attempts', '2', '--group', 'again');
    const first = await redrive();
    expect(first.destinations).toMatchObject([{ to: 'lines-0', error: 'org.apache.kafka.connect.errors.DataException' }]);
    // It fails again each time, comes back with its count, and is left when that is the maximum.
    let left = 0;
    await waitFor(async () => {
      left += (await redrive()).left.attempts;
      return left > 0;
    }, standalone.process);
    const last = await json('dlq', 'show', 'lines-dlq', ...kafka());
    expect(Math.max(...last.map((each: { attempts: number }) => each.attempts))).toBe(2);
  });

  it('says what is wrong, and with which exit code', async () => {
    expect(await cli('status', 'lines-sunk')).toMatchObject({
      code: 1,
      err: expect.stringContaining("did you mean 'lines-sink' or 'lines-source'?"),
    });
    expect(await cli('create', 'sink.properties')).toMatchObject({ code: 1, err: expect.stringContaining('already exists') });
    expect(await cli('delete', 'lines-sink')).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(await cli('lst')).toMatchObject({ code: 2, err: expect.stringContaining("did you mean 'list'?") });
    expect(await cli('list', '--outptu', 'json')).toMatchObject({ code: 2, err: expect.stringContaining('did you mean --output?') });
    expect(await runHere(['list', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('nothing listens'),
    });
    file('broken.json', '{"name": "x",\n "config": {"a" 1}}');
    expect(await cli('apply', 'broken.json')).toMatchObject({ code: 2, err: expect.stringContaining('line 2, column 17') });
    file('wrong.json', JSON.stringify({ name: 'wrong', config: { 'connector.class': 'FileStreamSink', 'tasks.max': 'many' } }));
    expect(await cli('apply', 'wrong.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('wrong: tasks.max: Invalid value many'),
    });
    expect(await cli('dlq', 'show', 'lines-dlg', ...kafka())).toMatchObject({
      code: 1,
      err: expect.stringContaining("did you mean 'lines-dlq'?"),
    });
  });

  it('asks before it deletes, and only a yes is one', async () => {
    const answering = (answer: string) => runHere(['delete', 'lines-source'], { url: standalone.url, ask: async () => answer });
    expect(await answering('')).toMatchObject({ code: 1, err: 'nothing was changed\n' });
    expect(await answering('y')).toMatchObject({ code: 0, out: 'lines-source deleted\n' });
    expect((await cli('list', '--output', 'names')).out).toBe('lines-sink\n');
  });
});
