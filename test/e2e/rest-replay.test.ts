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

  it('survives changes that meet each other, and loses no update', async () => {
    const path = '/connectors/busy';
    const headers = { 'content-type': 'application/json' };
    const config = { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file: join(cwd, 'busy.txt'), topic: 'busy' };
    expect((await exchange(base, { method: 'PUT', path: `${path}/config`, headers, body: config })).status).toBe(201);
    const clients = Array.from({ length: 20 }, async (_, client) => {
      const statuses: number[] = [];
      for (const [method, below] of [
        ['PUT', '/pause'],
        ['PUT', '/resume'],
        ['POST', '/restart?includeTasks=true'],
        ['PUT', '/stop'],
        ['POST', '/tasks/7/restart'],
        ['PUT', '/resume'],
        ['GET', '/status'],
      ] as const) {
        statuses.push((await exchange(base, { method, path: `${path}${below}` })).status);
      }
      const patch = await exchange(base, { method: 'PATCH', path: `${path}/config`, headers, body: { [`client.${client}`]: 'was here' } });
      return [...statuses, patch.status];
    });
    const allowed = new Set([200, 202, 204, 404, 409]);
    expect((await Promise.all(clients)).flat().filter((status) => !allowed.has(status))).toEqual([]);
    expect((await exchange(base, { method: 'PUT', path: `${path}/resume` })).status).toBe(202);
    await waitFor(async () => {
      const { body } = await exchange(base, { method: 'GET', path: `${path}/status` });
      const { connector, tasks } = body as { connector: { state: string }; tasks: { id: number; state: string }[] };
      return connector.state === 'RUNNING' && tasks.length === 1 && tasks[0]?.state === 'RUNNING';
    }, worker);
    const stored = (await exchange(base, { method: 'GET', path: `${path}/config` })).body as Record<string, string>;
    expect(Object.keys(stored).filter((key) => key.startsWith('client.'))).toHaveLength(20);
    expect((await exchange(base, { method: 'DELETE', path })).status).toBe(204);
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
