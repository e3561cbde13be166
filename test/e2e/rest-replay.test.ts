import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, runCli, startCli, waitFor } from '../support/cli/run-cli.ts';
import { recordedExchanges } from '../support/rest/exchanges.ts';
import { exchange, replayGroup } from '../support/rest/replay.ts';

const WORKER = [
  'key.converter=org.apache.kafka.connect.json.JsonConverter',
  'value.converter=org.apache.kafka.connect.json.JsonConverter',
  'offset.flush.interval.ms=1000',
];

describe('the REST API of standalone mode', () => {
  let cwd: string;
  let worker: RunningCli;
  let base: string;

  const start = async () => {
    worker = startCli(['standalone', 'worker.properties'], { cwd });
    const url = () => /"message":"REST API listening","url":"([^"]+)"/.exec(worker.output())?.[1];
    await waitFor(() => url() !== undefined, worker);
    base = url() as string;
  };

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-rest-'));
    writeFileSync(join(cwd, 'worker.properties'), [...WORKER, 'listeners=http://127.0.0.1:0'].join('\n'));
    await start();
  });

  afterAll(async () => {
    await worker?.end('SIGTERM');
    rmSync(cwd, { recursive: true, force: true });
  });

  it('answers the recorded exchanges as Apache Kafka Connect 4.3.0', async () => {
    const run = `r${Date.now().toString(36)}`;
    let passed = 0;
    const problems: string[] = [];
    for (const group of recordedExchanges()) {
      const outcome = await replayGroup(group, { base, filesDir: join(cwd, 'files', group.group), run });
      passed += outcome.passed;
      problems.push(...outcome.problems);
    }
    expect(problems).toEqual([]);
    expect(passed).toBe(516);
  });

  it('keeps what was created, and what was asked of it, over a restart', async () => {
    const config = {
      'connector.class': 'FileStreamSource',
      'tasks.max': '1',
      file: join(cwd, 'in.txt'),
      topic: 'kept',
    };
    const created = await exchange(base, {
      method: 'POST',
      path: '/connectors',
      headers: { 'content-type': 'application/json' },
      body: { name: 'kept', config, initial_state: 'PAUSED' },
    });
    expect(created.status).toBe(201);
    expect(await worker.end('SIGTERM')).toBe(0);
    await start();
    expect((await exchange(base, { method: 'GET', path: '/connectors/kept/config' })).body).toEqual({ ...config, name: 'kept' });
    const { body } = await exchange(base, { method: 'GET', path: '/connectors/kept/status' });
    expect(body).toMatchObject({ connector: { state: 'PAUSED', worker_id: new URL(base).host }, tasks: [] });
  });

  it('ends with one clear message when the port of listeners is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-rest-'));
    try {
      writeFileSync(join(folder, 'worker.properties'), [...WORKER, `listeners=http://127.0.0.1:${port}`].join('\n'));
      const { code, output } = await runCli(['standalone', 'worker.properties'], { cwd: folder });
      expect(code).toBe(1);
      expect(output).toBe(
        `serverless-connect: cannot listen on http://127.0.0.1:${port}: the port is taken; stop the other process or set another port in listeners\n`,
      );
    } finally {
      squatter.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
