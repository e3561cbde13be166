/** Offsets of a sink set by hand: watermark and group as one operation that a kill in between cannot spoil. */
import { describe, expect, it } from 'vitest';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import type { GroupOffsets } from '../../../lib/kafka/partition-reader.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import type { KnownConnector } from '../../../lib/rest/connector-info.ts';
import type { RestDeps } from '../../../lib/rest/rest-deps.ts';
import { alterSinkOffsets, listSinkOffsets, resetSinkOffsets } from '../../../lib/rest/sink-offsets.ts';
import { startPositions } from '../../../lib/runtime/sink-positions.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { GROUP_MARK } from '../../../lib/state/watermarks.ts';
import { collectingSink } from '../../support/runtime/collecting-sink.ts';
import { FakeKafka, overridden, SILENT } from '../../support/runtime/fakes.ts';

const GROUP = 'connect-c';
const TP = { topic: 'in', partition: 0 };
const killed = async (): Promise<never> => {
  throw new Error('killed');
};

async function world() {
  const kafka = new FakeKafka();
  const stores = createMemoryStores();
  for (let at = 0; at < 9; at++) kafka.append('in', 0, `v${at}`);
  await stores.configs.putConfig('c', {
    config: { name: 'c', 'connector.class': 'Collecting', topics: 'in' },
    expectedVersion: 0,
    appliedHash: null,
    writer: 'test',
    nowMs: 0,
  });
  await stores.configs.openGeneration('c', { expectedGeneration: 0, plannedVersion: 1, taskConfigs: [{}], nowMs: 0 });
  const outcome = await stores.leases.acquire({ connector: 'c', task: 0, owner: 'zombie', generation: 1, leaseMs: 30_000, nowMs: 0 });
  if (!('acquired' in outcome)) throw new Error('held');
  const lease = outcome.acquired;
  await stores.offsets.commitWatermarks('c', { lease }, [{ ...TP, nextOffset: 7, delivered: [{ offset: 3, crc: 1 }], topicId: 'a' }]);
  await kafka.commit(GROUP, new Map([['in-0', 7]]), GROUP_MARK);

  const deps = (group: GroupOffsets) =>
    ({
      stores,
      plugins: createPluginResolver(REGISTRY, [collectingSink('Collecting', () => undefined)]),
      workerProps: { 'bootstrap.servers': 'x:1' },
      resolveVariables: async (props: Record<string, string>) => props,
      kafka: async () =>
        ({
          groupOffsets: () => group,
          admin: () => ({
            describeTopics: async () => new Map([['in', { topic: 'in', partitions: 1 }]]),
            listTopics: async () => ['in'],
            createTopic: async () => false,
            close: async () => undefined,
          }),
        }) as Partial<KafkaClients> as KafkaClients,
      logger: SILENT,
    }) as Partial<RestDeps> as RestDeps;
  const known = { state: await stores.configs.connector('c'), stored: await stores.configs.config('c') } as KnownConnector;
  return {
    kafka,
    stores,
    lease,
    known,
    deps: deps(kafka),
    /** The process dies before it reaches the group. */
    dying: deps(overridden<GroupOffsets>(kafka, { commit: killed, remove: killed })),
    async begins(): Promise<number | undefined> {
      const watermarks = await stores.offsets.loadWatermarks('c', [TP]);
      const request = {
        partitions: [TP],
        watermarks,
        groupId: GROUP,
        groupOffsets: kafka,
        reader: kafka,
        reset: 'earliest' as const,
        logger: SILENT,
      };
      return (await startPositions(request)).positions.get('in-0');
    },
    shown: async () => (await listSinkOffsets(deps(kafka), known)).map(({ offset }) => offset.kafka_offset),
  };
}

const token = { generation: 2, epoch: 0 };

describe("a sink's offsets set by hand", () => {
  it('reset: forgotten by the watermark and by the group', async () => {
    const sink = await world();
    await resetSinkOffsets(sink.deps, sink.known, token);
    expect(await sink.kafka.fetch(GROUP, [TP])).toEqual(new Map());
    expect(await sink.shown()).toEqual([]);
    expect(await sink.begins()).toBe(0);
  });

  it('reset, killed between watermark and group: the sink begins anew all the same, and the same request does the rest', async () => {
    const sink = await world();
    await expect(resetSinkOffsets(sink.dying, sink.known, token)).rejects.toThrow('killed');
    expect(await sink.kafka.fetch(GROUP, [TP])).toEqual(new Map([['in-0', 7]]));
    expect(await sink.begins()).toBe(0);
    expect(await sink.shown()).toEqual([]);

    await resetSinkOffsets(sink.deps, sink.known, token);
    expect(await sink.kafka.fetch(GROUP, [TP])).toEqual(new Map());
    expect(await sink.begins()).toBe(0);
  });

  it.each([2, 8])('set to %i, killed in between, and asked for again', async (offset) => {
    const sink = await world();
    await expect(alterSinkOffsets(sink.dying, sink.known, token, new Map([['in-0', offset]]))).rejects.toThrow('killed');
    expect(await sink.begins()).toBe(offset);
    expect(await sink.shown()).toEqual([offset]);

    await alterSinkOffsets(sink.deps, sink.known, token, new Map([['in-0', offset]]));
    expect(await sink.kafka.committed(GROUP, [TP])).toEqual(new Map([['in-0', { offset, metadata: GROUP_MARK }]]));
    expect(await sink.begins()).toBe(offset);
  });

  it('stays as it was set when an owner from before wakes up', async () => {
    const sink = await world();
    await resetSinkOffsets(sink.deps, sink.known, token);

    await expect(
      sink.stores.offsets.commitWatermarks('c', { lease: sink.lease }, [{ ...TP, nextOffset: 9, delivered: [] }]),
    ).rejects.toThrow('lost the lease');
    expect(await sink.begins()).toBe(0);
  });
});
