import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli, waitFor } from '../../support/cli/run-cli.ts';
import { readAll, testClients, values } from '../../support/kafka/clients.ts';
import { exchange } from '../../support/rest/replay.ts';
import { startCluster, type TestWorker, type WorkerCluster } from '../../support/worker/worker-cluster.ts';

const JSON_BODY = { 'content-type': 'application/json' };

describe('any worker answers for all', () => {
  let cluster: WorkerCluster;
  let workers: TestWorker[];
  let first: TestWorker;
  let second: TestWorker;

  beforeAll(async () => {
    cluster = await startCluster({
      worker: ['heartbeat.interval.ms=500', 'session.timeout.ms=2000', 'rest.advertised.host.name=localhost'],
    });
    workers = await Promise.all([0, 1].map(() => cluster.start()));
    [first, second] = workers as [TestWorker, TestWorker];
  });

  afterAll(() => cluster?.close());

  const source = (name: string) => ({
    'connector.class': 'FileStreamSource',
    'tasks.max': '1',
    file: join(cluster.folder, `${name}.txt`),
    topic: name,
  });

  const put = async (worker: TestWorker, path: string, body?: object) =>
    (await exchange(worker.base, { method: 'PUT', path, ...(body === undefined ? {} : { headers: JSON_BODY, body }) })).status;

  /** Creates a connector and answers which worker runs its task and which one does not. */
  async function create(name: string): Promise<{ owner: TestWorker; other: TestWorker }> {
    cluster.file(`${name}.txt`, '');
    expect(await put(first, `/connectors/${name}/config`, source(name))).toBe(201);
    await until(name, 'RUNNING');
    const [task] = (await cluster.status(second.base, name)).tasks;
    const port = new URL(`http://${task?.worker_id}`).port;
    const owner = workers.find(({ base }) => new URL(base).port === port) as TestWorker;
    return { owner, other: workers.find((worker) => worker !== owner) as TestWorker };
  }

  /** Both workers say so of connector and tasks. */
  async function until(name: string, state: string, connector = state): Promise<void> {
    for (const worker of workers) {
      await waitFor(async () => {
        const status = await cluster.status(worker.base, name);
        return status.connector.state === connector && status.tasks.length === 1 && status.tasks[0]?.state === state;
      }, worker);
    }
  }

  it('names the advertised address of who runs a task, and both run some', async () => {
    const names = ['spread-1', 'spread-2', 'spread-3'];
    for (const name of names) await create(name);
    await waitFor(async () => {
      const statuses = await Promise.all(names.map((name) => cluster.status(second.base, name)));
      return new Set(statuses.map(({ tasks: [task] }) => task?.worker_id)).size === 2;
    }, second);
    const { tasks } = await cluster.status(first.base, 'spread-1');
    expect(tasks[0]?.worker_id).toMatch(/^localhost:\d+$/);
    for (const name of names) expect((await exchange(second.base, { method: 'DELETE', path: `/connectors/${name}` })).status).toBe(204);
    expect((await exchange(first.base, { method: 'GET', path: '/connectors' })).body).toEqual([]);
  });

  it('pause, resume, stop and offsets act on a task of another worker', async () => {
    const { other } = await create('remote');
    appendFileSync(join(cluster.folder, 'remote.txt'), 'a\nb\n');
    const offsets = () => exchange(other.base, { method: 'GET', path: '/connectors/remote/offsets' });
    await waitFor(async () => JSON.stringify((await offsets()).body).includes('"position":4'), other);
    expect(await put(other, '/connectors/remote/pause')).toBe(202);
    await until('remote', 'PAUSED');
    expect(await put(other, '/connectors/remote/resume')).toBe(202);
    await until('remote', 'RUNNING');
    expect(await put(other, '/connectors/remote/stop')).toBe(204);
    // Waits for the task of the other worker, however long that takes to stop.
    expect((await exchange(other.base, { method: 'DELETE', path: '/connectors/remote/offsets' })).status).toBe(200);
    expect((await offsets()).body).toEqual({ offsets: [] });
    expect(await put(other, '/connectors/remote/resume')).toBe(202);
    await waitFor(async () => JSON.stringify((await offsets()).body).includes('"position":4'), other);
  });

  it('a new configuration reaches a task that runs at another worker, between two lines', async () => {
    const { other } = await create('moved');
    const file = join(cluster.folder, 'moved.txt');
    const clients = testClients();
    const inTopics = async (...topics: string[]) => {
      const reader = clients.reader({ 'bootstrap.servers': cluster.bootstrap });
      const read = await Promise.all(topics.map(async (topic) => values(await readAll(reader, topic))));
      await reader.close();
      return read;
    };
    let written = 0;
    const append = () => appendFileSync(file, Array.from({ length: 50 }, () => `line ${written++}\n`).join(''));
    try {
      append();
      await waitFor(async () => (await inTopics('moved')).flat().length === 50, other);
      append();
      expect(await put(other, '/connectors/moved/config', { ...source('moved'), topic: 'moved-on' })).toBe(200);
      await waitFor(async () => {
        append();
        return JSON.stringify((await exchange(other.base, { method: 'GET', path: '/connectors/moved/topics' })).body).includes('moved-on');
      }, other);
      await waitFor(async () => (await inTopics('moved', 'moved-on')).flat().length >= written, other);
      // The old task was stopped in order: every line once, in one topic or the other.
      const [before = [], after = []] = await inTopics('moved', 'moved-on');
      expect([...before, ...after]).toEqual(Array.from({ length: written }, (_, i) => `line ${i}`));
    } finally {
      await clients.close();
    }
  });

  it('restarts a FAILED task of another worker, and only then', async () => {
    const later = join(cluster.folder, 'later');
    const config = { 'connector.class': 'FileStreamSink', file: join(later, 'sink.txt'), topics: 'remote' };
    expect(await put(first, '/connectors/breaks/config', config)).toBe(201);
    await until('breaks', 'FAILED', 'RUNNING');
    const [failed] = (await cluster.status(second.base, 'breaks')).tasks;
    expect(failed?.trace).toContain('ConnectException');
    mkdirSync(later);
    // Long enough for every worker to look several times: nobody takes a FAILED task.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await cluster.status(second.base, 'breaks')).tasks).toEqual([failed]);
    const holder = workers.find(({ base }) => failed?.worker_id === `localhost:${new URL(base).port}`) as TestWorker;
    const remote = workers.find((worker) => worker !== holder) as TestWorker;
    const restart = (task: number) => exchange(remote.base, { method: 'POST', path: `/connectors/breaks/tasks/${task}/restart` });
    expect((await restart(0)).status).toBe(204);
    await until('breaks', 'RUNNING');
    expect((await restart(1)).status).toBe(404);
    expect((await cluster.status(remote.base, 'breaks')).tasks).toHaveLength(1);
  });

  it('loses no update of 20 clients at two workers, and survives changes that meet each other', async () => {
    await create('busy');
    const clients = Array.from({ length: 20 }, async (_, client) => {
      const { base } = workers[client % 2] as TestWorker;
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
        statuses.push((await exchange(base, { method, path: `/connectors/busy${below}` })).status);
      }
      const patch = { method: 'PATCH', path: '/connectors/busy/config', headers: JSON_BODY, body: { [`client.${client}`]: 'was here' } };
      return [...statuses, (await exchange(base, patch)).status];
    });
    const allowed = new Set([200, 202, 204, 404, 409]);
    expect((await Promise.all(clients)).flat().filter((status) => !allowed.has(status))).toEqual([]);
    expect(await put(second, '/connectors/busy/resume')).toBe(202);
    await until('busy', 'RUNNING');
    const stored = (await exchange(first.base, { method: 'GET', path: '/connectors/busy/config' })).body as Record<string, string>;
    expect(Object.keys(stored).filter((key) => key.startsWith('client.'))).toHaveLength(20);
  });

  it('sets log levels of cluster scope at every worker', async () => {
    const path = '/admin/loggers/org.apache.kafka.connect';
    expect(
      (await exchange(first.base, { method: 'PUT', path: `${path}?scope=cluster`, headers: JSON_BODY, body: { level: 'DEBUG' } })).status,
    ).toBe(204);
    await waitFor(
      async () => ((await exchange(second.base, { method: 'GET', path })).body as { level?: string }).level === 'DEBUG',
      second,
    );
  });
});

describe('a worker that cannot start', () => {
  let cluster: WorkerCluster;

  beforeAll(async () => {
    cluster = await startCluster({ worker: ['heartbeat.interval.ms=500', 'session.timeout.ms=2000'] });
  });

  afterAll(() => cluster?.close());

  it('says what it lacks', async () => {
    const env = { AWS_ENDPOINT_URL_DYNAMODB: undefined, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_PROFILE: undefined };
    const bare = cluster.file('bare.properties', 'key.converter=StringConverter\nvalue.converter=StringConverter\n');
    const { code, output } = await runCli(['worker', bare], { cwd: cluster.folder, env: env as unknown as Record<string, string> });
    expect(code).toBe(2);
    expect(output).toContain('bootstrap.servers');
    expect(output).toContain('AWS_ENDPOINT_URL_DYNAMODB');
    expect(output).toContain('group.id');
  });

  it('refuses a file that differs from that of a live worker; once that one is gone, the changed file wins', async () => {
    const config = { 'connector.class': 'FileStreamSource', topic: 'declared', file: join(cluster.folder, 'declared.txt') };
    const before = cluster.file('before.json', { name: 'declared', config });
    const after = cluster.file('after.json', { name: 'declared', config: { ...config, topic: 'changed' } });
    const first = await cluster.start([before]);
    const worker = join(cluster.folder, 'worker.properties');
    const refused = await runCli(['worker', worker, after], { cwd: cluster.folder, env: cluster.env });
    expect(refused.code).toBe(2);
    expect(refused.output).toContain(`the file for connector declared differs from the one that worker ${first.base} was given`);
    // Killed: its heartbeat is still there, and must be seen to stand still.
    await first.end('SIGKILL');
    const second = await cluster.start([after]);
    const { body } = await exchange(second.base, { method: 'GET', path: '/connectors/declared/config' });
    expect(body).toMatchObject({ topic: 'changed' });
    expect(second.output()).toContain('the file changed the configuration');
    await second.end('SIGTERM');
  });

  it('ends quietly when it is told to before it is up', async () => {
    const cli = startCli(['worker', join(cluster.folder, 'worker.properties')], { cwd: cluster.folder, env: cluster.env });
    await waitFor(() => cli.output().includes('worker is up'), cli);
    expect(await cli.end('SIGTERM')).toBe(0);
    rmSync(join(cluster.folder, 'bare.properties'));
  });
});
