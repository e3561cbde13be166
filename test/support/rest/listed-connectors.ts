import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import type { RestDeps } from '../../../lib/rest/rest-deps.ts';
import { Turns } from '../../../lib/rest/turns.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { collectingLogger } from '../kafka/clients.ts';

/** Writes connectors with one RUNNING task each. */
export async function writeConnectors(stores: StateStores, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const name = `connector-${String(at).padStart(4, '0')}`;
    const config = { 'connector.class': 'FileStreamSource', file: '/data/in.txt', topic: name };
    await stores.configs.putConfig(name, { config, expectedVersion: 0, appliedHash: null, writer: 'REST', nowMs: 0 });
    await stores.configs.openGeneration(name, { expectedGeneration: 0, plannedVersion: 1, taskConfigs: [config], nowMs: 0 });
    const outcome = await stores.leases.acquire({ connector: name, task: 0, owner: 'w', generation: 1, leaseMs: 30_000, nowMs: 0 });
    if (!('acquired' in outcome)) throw new Error(`${name} is held`);
    await stores.status.putTask(outcome.acquired, { state: 'RUNNING', workerId: 'host:8083', trace: null, lastTick: null });
  }
}

/** What the REST API needs to read; whatever else it asks for fails. */
export function readingDeps(stores: StateStores): RestDeps {
  const refuse = () => Promise.reject(new Error('not part of reading'));
  return {
    stores,
    kafka: refuse,
    plugins: createPluginResolver(REGISTRY),
    workerProps: {},
    providers: new Map(),
    resolveVariables: refuse,
    deployment: null,
    hideSecrets: (text) => text,
    runtime: { changed: refuse, look: refuse, restartConnector: refuse, restartTask: refuse, settleByHand: refuse },
    levels: { list: () => [], set: () => undefined },
    workerId: 'host:8083',
    version: 'test',
    logger: collectingLogger(),
    clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    turns: new Turns(),
  };
}
