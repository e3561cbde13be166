import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/cli/run-cli.ts';
import { readAll, testClients, values } from '../../support/kafka/clients.ts';
import { startCluster, type TestWorker, type WorkerCluster } from '../../support/worker/worker-cluster.ts';

/** The shortest there is, so that the test is short; the rules are those of 30 s. */
const LEASE_MS = 5_000;
const SOURCES = ['one', 'two', 'three'];

describe('workers on one table', () => {
  let cluster: WorkerCluster;
  let files: string[];
  const clients = testClients();
  let written = 0;

  beforeAll(async () => {
    cluster = await startCluster({ worker: ['heartbeat.interval.ms=500', 'session.timeout.ms=2000'] });
    const lease = { 'lambda.lease.ms': String(LEASE_MS) };
    files = SOURCES.map((name) => {
      const file = cluster.file(`${name}.txt`, '');
      return cluster.file(`${name}.json`, { name, config: { 'connector.class': 'FileStreamSource', file, topic: name, ...lease } });
    });
    const output = join(cluster.folder, 'output.txt');
    files.push(
      cluster.file('copy.json', { name: 'copy', config: { 'connector.class': 'FileStreamSink', file: output, topics: 'one', ...lease } }),
    );
  });

  afterAll(async () => {
    await clients.close();
    await cluster?.close();
  });

  /** Lines to every source. */
  function append(lines: number): void {
    const text = Array.from({ length: lines }, () => `line ${written++}\n`).join('');
    for (const name of SOURCES) appendFileSync(join(cluster.folder, `${name}.txt`), text);
  }

  const all = () => new Set(Array.from({ length: written }, (_, i) => `line ${i}`));

  async function delivered(): Promise<boolean> {
    const expected = all();
    for (const name of SOURCES) {
      const reader = clients.reader({ 'bootstrap.servers': cluster.bootstrap });
      const found = new Set(values(await readAll(reader, name)));
      await reader.close();
      if (found.size !== expected.size) return false;
      expect(found).toEqual(expected);
    }
    return true;
  }

  /** Which worker runs each task, as `worker` says; null = one is not RUNNING. */
  async function owners(worker: TestWorker): Promise<string[] | null> {
    const statuses = await Promise.all([...SOURCES, 'copy'].map((name) => cluster.status(worker.base, name)));
    const tasks = statuses.map(({ tasks: [task] }) => task);
    return tasks.every((task) => task?.state === 'RUNNING') ? tasks.map((task) => task?.worker_id as string) : null;
  }

  const runOn = (worker: TestWorker, expected: readonly TestWorker[], each: number) =>
    waitFor(async () => {
      const found = await owners(worker);
      if (found === null) return false;
      const counts = expected.map(({ id }) => found.filter((owner) => owner === id).length);
      return counts.reduce((sum, count) => sum + count, 0) === found.length && counts.every((count) => count >= each);
    }, worker);

  it('share the tasks, whoever comes, dies, freezes or goes, and lose nothing', async () => {
    const [first, second, third] = (await Promise.all([0, 1, 2].map(() => cluster.start(files)))) as [TestWorker, TestWorker, TestWorker];
    await runOn(third, [first, second, third], 1);
    append(100);
    await waitFor(delivered, first);

    first.child.kill('SIGKILL');
    append(100);
    await runOn(third, [second, third], 2);
    await waitFor(delivered, third);

    // Longer than session and lease: what it held is taken over, and it finds that out when it wakes.
    second.child.kill('SIGSTOP');
    append(100);
    await runOn(third, [third], 4);
    append(50);
    await waitFor(delivered, third);
    second.child.kill('SIGCONT');
    append(50);
    await runOn(third, [second, third], 2);
    await waitFor(delivered, second);

    const fourth = await cluster.start(files);
    await runOn(fourth, [second, third, fourth], 1);
    append(100);

    const began = Date.now();
    expect(await third.end('SIGTERM')).toBe(0);
    const drainedMs = Date.now() - began;
    await runOn(fourth, [second, fourth], 2);
    append(100);
    await waitFor(delivered, fourth);
    expect(drainedMs).toBeLessThan(10_000);
    await waitFor(() => {
      const copied = new Set(readFileSync(join(cluster.folder, 'output.txt'), 'utf8').trimEnd().split('\n'));
      return copied.size === written;
    }, fourth);
    expect(await Promise.all([second, fourth].map((worker) => worker.end('SIGTERM')))).toEqual([0, 0]);
  });
});
