import { afterEach, describe, expect, it } from 'vitest';
import { type DeployedPipeline, deployPipeline } from './deployed-pipeline.ts';

let pipeline: DeployedPipeline | null = null;

afterEach(async () => {
  await pipeline?.close();
  pipeline = null;
});

async function until(claim: () => boolean, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!claim()) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each(['worker', 'process'] as const)('deployed bundles (%s)', (mode) => {
  it('carry rows from a database through Kafka into another, leaving nothing open', async () => {
    const failures: string[] = [];
    pipeline = await deployPipeline({
      host: {
        mode,
        strict: true,
        onInvocation: (name, { functionError, payload }) => functionError && failures.push(`${name}: ${payload}`),
      },
      scheduler: { everyMs: 300 },
    });
    const { deployment } = pipeline;
    pipeline.insert(1, 2500);
    deployment.start();

    await until(() => pipeline?.targetRows().length === 2500, '2500 rows');
    pipeline.insert(2501, 2600);
    await until(() => pipeline?.targetRows().length === 2600, '100 further rows');

    expect(pipeline.targetRows().every(({ id, name }, index) => id === index + 1 && name === `person ${id}`)).toBe(true);
    expect(failures).toEqual([]);
    const source = deployment.stats('people-source');
    const sink = deployment.stats('people-sink');
    expect({ source, sink }).toMatchObject({
      source: { errors: 0, openHandles: {} },
      sink: { errors: 0, coldStarts: 1, openHandles: {} },
    });
    expect(source.billedMs).toBeGreaterThan(source.initMs);
    expect(sink.invocations).toBeGreaterThanOrEqual(3);
  });
});

describe('deployed bundles', () => {
  it('lose no row when invocations are killed, ticks come twice and batches are delivered again', async () => {
    pipeline = await deployPipeline({
      scheduler: { everyMs: 150, duplicate: (_name, tick) => tick % 2 === 0 },
      mapping: { redeliver: (batch) => batch % 3 === 0, backoffMs: 20 },
      sinkKeys: { 'lambda.batch.size': '100' },
      sourceKeys: { 'batch.max.rows': '50', 'lambda.lease.ms': '15000' },
    });
    const { deployment } = pipeline;
    deployment.start();

    for (const [round, connector] of ['people-sink', 'people-source', 'people-sink'].entries()) {
      const name = deployment.functionOf(connector);
      pipeline.insert(round * 300 + 1, round * 300 + 300);
      const end = Date.now() + 20_000;
      while ((await deployment.host.kill(name)) === 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // A killed source task is taken over when its lease has ended: 15 s and 5 s of grace.
    await until(() => pipeline?.targetRows().length === 900, '900 rows', 120_000);

    expect(pipeline.targetRows().map(({ id }) => id)).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
    expect(deployment.stats('people-sink').kills + deployment.stats('people-source').kills).toBeGreaterThanOrEqual(3);
  });
});
