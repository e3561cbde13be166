import { afterEach, describe, expect, it } from 'vitest';
import { startControlFunction } from '../../support/control/control-function.ts';
import { type Exchange, type ExchangeGroup, recordedExchanges } from '../../support/rest/exchanges.ts';
import { replayGroup } from '../../support/rest/replay.ts';
import { startCluster } from '../../support/worker/worker-cluster.ts';

const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';

describe('the control function', () => {
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('answers the recorded exchanges for connectors that a worker on its table runs', async () => {
    const cluster = await startCluster({
      worker: [`key.converter=${CONVERTER}`, `value.converter=${CONVERTER}`, 'offset.flush.interval.ms=1000'],
    });
    closing.push(() => cluster.close());
    await cluster.start();
    const control = await startControlFunction({
      table: 'serverless-connect-test',
      worker: {
        'bootstrap.servers': cluster.bootstrap,
        'group.id': 'test',
        'key.converter': CONVERTER,
        'value.converter': CONVERTER,
        'offset.flush.interval.ms': '1000',
      },
      env: cluster.env,
      credentials: null,
    });
    closing.push(() => control.close());

    let passed = 0;
    const problems: string[] = [];
    const replay = async (group: ExchangeGroup): Promise<void> => {
      const run = `c${Date.now().toString(36)}${group.group.replaceAll('-', '')}`;
      // Its connectors are run by a worker: Connect's distributed mode.
      const exchanges = group.exchanges.filter(({ mode }) => mode !== 'standalone');
      const filesDir = `${cluster.folder}/files/${run}`;
      const outcome = await replayGroup({ ...group, exchanges }, { base: control.base, filesDir, run });
      passed += outcome.passed;
      problems.push(...outcome.problems);
    };
    const groups = recordedExchanges();
    // Most of the time passes with waiting for the worker; only what lists all connectors, or asks one environment for its log levels, wants to be alone.
    const isAlone = ({ request: { method, path } }: Exchange) => (method === 'GET' && path === '/connectors') || path.startsWith('/admin');
    const alone = groups.filter(({ exchanges }) => exchanges.some(isAlone));
    const others = groups.filter((group) => !alone.includes(group));
    const lane = async (): Promise<void> => {
      for (let next = others.shift(); next !== undefined; next = others.shift()) await replay(next);
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    for (const group of alone) await replay(group);

    expect(control.failures).toEqual([]);
    expect(problems).toEqual([]);
    expect(passed).toBe(516);
  }, 600_000);
});
