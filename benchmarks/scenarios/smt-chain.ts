import type { ConsumerRecord } from '../../lib/core/kafka-record.ts';
import type { Logger } from '../../lib/core/logger.ts';
import { SourceRecord } from '../../lib/core/source-record.ts';
import { SYSTEM_CLOCK } from '../../lib/core/system-clock.ts';
import { createPluginResolver } from '../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';
import { TaskErrorMetrics } from '../../lib/processing/task-error-metrics.ts';
import { createSinkProcessor, createSourceProcessor } from '../../lib/runtime/record-path.ts';

const BATCH = 1_000;
const BATCHES = 300;
const ROUNDS = 5;
type Line = Readonly<Record<string, unknown>>;

const none = () => undefined;
const silent: Logger = { error: none, warn: none, info: none, debug: none, trace: none, child: () => silent };
const worker = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};
const chain = {
  transforms: 'insert,drop,route',
  'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.insert.static.field': 'source',
  'transforms.insert.static.value': 'bench',
  'transforms.drop.type': 'org.apache.kafka.connect.transforms.ReplaceField$Value',
  'transforms.drop.exclude': 'note',
  'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
  'transforms.route.regex': '(.*)',
  'transforms.route.replacement': 'routed-$1',
};
const deps = {
  connector: 'bench',
  task: 0,
  worker,
  resolver: createPluginResolver(REGISTRY),
  clock: SYSTEM_CLOCK,
  random: Math.random,
  logger: silent,
  metrics: new TaskErrorMetrics(),
};

/** Three transformations on JSON records without schemas: from bytes (sink) and to bytes (source), conversion included. */
export async function smtChainScenario(): Promise<Line[]> {
  const sink = await createSinkProcessor({
    ...deps,
    props: { name: 'bench', 'connector.class': 'FileStreamSink', topics: 'orders', ...chain },
    deadLetters: () => ({ send: async () => undefined }),
  });
  const value = (i: number) =>
    Buffer.from(
      JSON.stringify({
        id: i,
        customer: `customer ${i}`,
        amount: i * 1.25,
        paid: i % 2 === 0,
        note: 'a note',
        quantity: i % 100,
        country: 'DE',
      }),
    );
  const consumed: ConsumerRecord[] = Array.from({ length: BATCH }, (_, i) => ({
    topic: 'orders',
    partition: 0,
    offset: i,
    timestamp: 1,
    timestampType: 'CREATE_TIME',
    key: null,
    value: value(i),
    headers: [],
  }));
  const source = await createSourceProcessor({
    ...deps,
    props: { name: 'bench', 'connector.class': 'FileStreamSource', file: 'x', topic: 'orders', ...chain },
  });
  const polled = Array.from(
    { length: BATCH },
    (_, i) =>
      new SourceRecord({
        topic: 'orders',
        value: new Map<string, unknown>(
          Object.entries({
            id: BigInt(i),
            customer: `customer ${i}`,
            amount: i * 1.25,
            paid: true,
            note: 'a note',
            quantity: 5n,
            country: 'DE',
          }),
        ),
      }),
  );
  return [
    await measure('sink: bytes → JSON → 3 SMTs', () => sink.process(consumed)),
    await measure('source: 3 SMTs → JSON → bytes', () => source.process(polled)),
  ];
}

async function measure(path: string, run: () => unknown): Promise<Line> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let i = 0; i < BATCHES; i++) await run();
    rates.push(Math.round((BATCH * BATCHES * 1000) / (performance.now() - startedAt)));
  }
  rates.sort((a, b) => a - b);
  return { path, recordsPerSecond: rates[Math.floor(ROUNDS / 2)], best: rates.at(-1) };
}
