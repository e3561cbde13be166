import { afterEach, describe, expect, it } from 'vitest';
import { startControlFunction } from '../../support/control/control-function.ts';
import { recordedExchanges } from '../../support/rest/exchanges.ts';
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
    for (const group of recordedExchanges()) {
      const run = `c${Date.now().toString(36)}`;
      // Its connectors are run by a worker: Connect's distributed mode.
      const exchanges = group.exchanges.filter(({ mode }) => mode !== 'standalone');
      const filesDir = `${cluster.folder}/files/${run}/${group.group}`;
      const outcome = await replayGroup({ ...group, exchanges }, { base: control.base, filesDir, run });
      passed += outcome.passed;
      problems.push(...outcome.problems);
    }

    expect(problems).toEqual([]);
    expect(passed).toBe(516);
    expect(control.failures).toEqual([]);
  });
});
