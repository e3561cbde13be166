import { afterEach, describe, expect, it } from 'vitest';
import { type Ask, signedClient } from '../../support/control/signed-client.ts';
import { type DeployedPipeline, deployPipeline } from '../deployment/deployed-pipeline.ts';

/** A status as far as these tests look at it. */
interface Status {
  readonly connector: { readonly state: string; readonly trace?: string };
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}

let pipeline: DeployedPipeline;
let ask: Ask;
let logs: string[];

afterEach(async () => {
  await pipeline?.close();
});

async function deploy(options: Parameters<typeof deployPipeline>[0] = {}): Promise<void> {
  logs = [];
  pipeline = await deployPipeline({ scheduler: { everyMs: 300 }, host: { onLog: ({ line }) => logs.push(line) }, ...options });
  ask = signedClient(pipeline.deployment.controlUrl as string);
}

async function until(claim: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await claim())) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${ms} ms\n${logs.slice(-10).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const states = async (connector: string): Promise<string[]> => {
  const status = (await ask('GET', `/connectors/${connector}/status`)).body as Status;
  return [status.connector.state, ...status.tasks.map(({ state }) => state)];
};
const become = (connector: string, ...wanted: string[]) =>
  until(async () => (await states(connector)).join() === wanted.join(), `${connector} ${wanted.join()}`);
const rows = (): number => pipeline.targetRows().length;
const mapping = () => [...pipeline.deployment.mappings.values()][0];

describe('pausing an event sink', () => {
  it('disables its mapping, and resuming goes on without losing or repeating a record', async () => {
    // Inserts without a key: a record that is delivered twice is two rows.
    await deploy({ sinkKeys: { 'insert.mode': 'insert', 'pk.mode': 'none', 'pk.fields': '', 'lambda.batch.size': '50' } });
    const { deployment } = pipeline;
    deployment.start();
    pipeline.insert(1, 1_000);
    let written = 1_000;
    await until(() => rows() > 0, 'the first rows');

    for (let round = 0; round < 3; round++) {
      // In the middle of batches.
      expect((await ask('PUT', '/connectors/people-sink/pause')).status).toBe(202);
      await until(() => mapping()?.enabled === false, 'the mapping is disabled');
      await become('people-sink', 'PAUSED', 'PAUSED');
      const before = rows();
      pipeline.insert(written + 1, written + 300);
      written += 300;
      await until(async () => ((await mapping()?.lag()) ?? 0) >= 300, 'records wait in the topic');
      expect(rows()).toBe(before);

      expect((await ask('PUT', '/connectors/people-sink/resume')).status).toBe(202);
      await until(() => mapping()?.enabled === true, 'the mapping is enabled');
      await become('people-sink', 'RUNNING', 'RUNNING');
      await until(() => rows() > before, 'rows come again');
    }
    await until(() => rows() >= written, 'all rows');
    await until(async () => (await mapping()?.lag()) === 0, 'nothing waits');

    expect(pipeline.targetRows().map(({ id }) => id)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
  });

  it('stopping takes its task away, and its offsets can be set then', async () => {
    await deploy();
    pipeline.deployment.start();
    pipeline.insert(1, 100);
    await until(() => rows() === 100, '100 rows');

    expect((await ask('PATCH', '/connectors/people-sink/offsets', { offsets: [] })).status).toBe(400);
    expect((await ask('PUT', '/connectors/people-sink/stop')).status).toBe(204);
    await become('people-sink', 'STOPPED');
    await until(() => mapping()?.enabled === false, 'the mapping is disabled');
    const { body } = await ask('GET', '/connectors/people-sink/offsets');
    const { offsets } = body as { offsets: { partition: object; offset: { kafka_offset: number } }[] };
    expect(offsets.reduce((sum, { offset }) => sum + offset.kafka_offset, 0)).toBe(100);

    const fromTheStart = { offsets: offsets.map(({ partition }) => ({ partition, offset: { kafka_offset: 0 } })) };
    expect(await ask('PATCH', '/connectors/people-sink/offsets', fromTheStart)).toMatchObject({ status: 200 });
    const delivered = mapping()?.stats().records ?? 0;
    expect((await ask('PUT', '/connectors/people-sink/resume')).status).toBe(202);
    await until(() => (mapping()?.stats().records ?? 0) === delivered + 100, 'all records again');
    await become('people-sink', 'RUNNING', 'RUNNING');
  });
});

describe('a scheduled source', () => {
  it('is paused, resumed, stopped and changed within a tick; its offsets are read and set', async () => {
    await deploy();
    pipeline.deployment.start();
    pipeline.insert(1, 50);
    await until(() => rows() === 50, '50 rows');
    await become('people-source', 'RUNNING', 'RUNNING');

    expect((await ask('PUT', '/connectors/people-source/pause')).status).toBe(202);
    await become('people-source', 'PAUSED', 'PAUSED');
    pipeline.insert(51, 60);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(rows()).toBe(50);
    await ask('PUT', '/connectors/people-source/resume');
    await until(() => rows() === 60, '60 rows');
    await become('people-source', 'RUNNING', 'RUNNING');

    expect((await ask('PUT', '/connectors/people-source/stop')).status).toBe(204);
    await become('people-source', 'STOPPED');
    const { body } = await ask('GET', '/connectors/people-source/offsets');
    const { offsets } = body as { offsets: { partition: object; offset: { incrementing: number } }[] };
    expect(offsets.map(({ offset }) => offset.incrementing)).toEqual([60]);
    // Ten rows again: the target upserts them.
    const altered = { offsets: [{ partition: offsets[0]?.partition, offset: { incrementing: 55 } }] };
    expect(await ask('PATCH', '/connectors/people-source/offsets', altered)).toMatchObject({ status: 200 });
    const before = pipeline.deployment.mappings.get('db-people')?.stats().records ?? 0;
    await ask('PUT', '/connectors/people-source/resume');
    await until(() => (pipeline.deployment.mappings.get('db-people')?.stats().records ?? 0) === before + 5, 'five records again');
    expect(await ask('GET', '/connectors/people-source/topics')).toMatchObject({ body: { 'people-source': { topics: ['db-people'] } } });

    // Any other change takes effect at the next tick.
    const answer = await ask('PATCH', '/connectors/people-source/config', { 'batch.max.rows': '7' });

    expect(answer).toMatchObject({ status: 200, body: { config: { 'batch.max.rows': '7' } } });
    await until(
      async () => JSON.stringify((await ask('GET', '/connectors/people-source/tasks')).body).includes('"batch.max.rows":"7"'),
      'new tasks',
    );
    pipeline.insert(61, 100);
    await until(() => rows() === 100, '100 rows');
    expect(await ask('PATCH', '/connectors/people-source/config', { 'batch.max.rows': 'many' })).toMatchObject({ status: 400 });
  });

  it('a FAILED task that is restarted runs at once, whatever its back-off', async () => {
    // An hour: only the restart can be what lets it run again.
    await deploy({ sourceKeys: { 'lambda.failure.backoff.ms': '3600000' } });
    pipeline.insert(1, 10);
    pipeline.source.exec('ALTER TABLE people RENAME COLUMN id TO pid');
    pipeline.deployment.start();
    await until(async () => (await states('people-source')).includes('FAILED'), 'FAILED');
    const failed = (await ask('GET', '/connectors/people-source/status')).body as Status;
    expect(failed.connector.trace ?? failed.tasks[0]?.trace).toMatch(/id/);

    pipeline.source.exec('ALTER TABLE people RENAME COLUMN pid TO id');
    const restart = await ask('POST', '/connectors/people-source/restart?includeTasks=true&onlyFailed=true');
    expect(restart.status).toBe(202);

    await until(() => rows() === 10, 'rows after the restart');
    await become('people-source', 'RUNNING', 'RUNNING');
    expect((await ask('POST', '/connectors/people-source/tasks/0/restart')).status).toBe(204);
  });
});
