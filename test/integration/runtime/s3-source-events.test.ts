import { startFauxqs } from 'fauxqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { type InvocationDeps, runTick } from '../../../lib/runtime/invocation.ts';
import { isSourceTrigger, type PartialAnswer, runSourceEvent, type SourceTriggerEvent } from '../../../lib/runtime/source-event.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { FakeKafka, SILENT } from '../../support/runtime/fakes.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import { SourceDriver } from '../../support/s3/source-driver.ts';
import { TestS3 } from '../../support/s3/test-s3.ts';

const BUS = (key: string, bucket = 'bucket') => ({
  id: `e-${key}`,
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: bucket }, object: { key, size: 1, etag: 'x' } },
});
/** A batch of a queue whose messages are these bodies; ids are m0, m1, … */
const queue = (...bodies: readonly (string | object)[]): SourceTriggerEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    eventSource: 'aws:sqs' as const,
  })),
});
const left = (...ids: readonly string[]): PartialAnswer => ({ batchItemFailures: ids.map((id) => ({ itemIdentifier: id })) });

describe('S3 source, started by events', () => {
  const stores = () => createMemoryStores();
  let s3: TestS3;
  let kafka: FakeKafka;
  let state: ReturnType<typeof stores>;
  beforeEach(async () => {
    s3 = new TestS3();
    kafka = new FakeKafka();
    state = stores();
    await s3.start();
  });
  afterEach(() => s3.stop());

  async function configure(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const config = {
      name: 'c',
      'connector.class': 'io.confluent.connect.s3.source.S3SourceConnector',
      'tasks.max': '3',
      'lambda.trigger': 'event',
      mode: 'GENERIC',
      'topics.dir': 'in',
      'topic.regex.list': 'orders:in/orders/.*,others:in/.*',
      's3.bucket.name': 'bucket',
      'store.url': s3.url,
      'aws.access.key.id': 'test-key',
      'aws.secret.access.key': 'test-secret',
      's3.part.retries': '1',
      'format.class': 'io.confluent.connect.s3.format.string.StringFormat',
      ...more,
    };
    await state.configs.putConfig('c', { config, expectedVersion: 0, appliedHash: null, writer: 'test', nowMs: SYSTEM_CLOCK.now() });
  }

  let owners = 0;
  function deps(): InvocationDeps {
    const clients: KafkaClients = {
      producer: () => kafka,
      transactionalProducer: () => {
        throw new Error('not asked for');
      },
      reader: () => kafka,
      groupOffsets: () => kafka,
      admin: () => ({
        describeTopics: async (topics) => new Map(topics.map((topic) => [topic, { topic, partitions: 1 }])),
        listTopics: async () => [],
        createTopic: async () => false,
        close: async () => undefined,
      }),
      close: async () => undefined,
    };
    return {
      stores: state,
      kafka: async () => clients,
      plugins: createPluginResolver(REGISTRY, []),
      workerProps: { 'bootstrap.servers': 'x:1', 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
      resolveVariables: async (props) => props,
      logger: SILENT,
      clock: SYSTEM_CLOCK,
      random: () => 0.5,
      owner: `o${owners++}`,
      connector: 'c',
      remainingMs: () => 60_000,
      signal: new AbortController().signal,
    };
  }

  const sent = () => ['orders', 'others'].flatMap((topic) => kafka.values(topic).map((value) => `${topic}: ${value}`));

  it('reads what messages name, once, however often and in whatever form they come', async () => {
    await configure();
    s3.put('in/orders/a b+c.txt', Buffer.from('one\ntwo\n'));
    s3.put('in/x.txt', Buffer.from('three'));
    s3.put('elsewhere.txt', Buffer.from('not asked for'));
    const notification = {
      Records: [
        { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'bucket' }, object: { key: 'in/orders/a+b%2Bc.txt' } } },
        { eventName: 'ObjectRemoved:Delete', s3: { bucket: { name: 'bucket' }, object: { key: 'in/x.txt' } } },
      ],
    };
    const event = queue(
      notification,
      { Event: 's3:TestEvent' },
      { Type: 'Notification', Message: JSON.stringify(BUS('in/x.txt')) },
      BUS('elsewhere.txt'),
      BUS('in/gone.txt'),
      BUS('in/x.txt', 'another-bucket'),
    );
    expect(isSourceTrigger(event)).toBe(true);
    expect(isSourceTrigger({})).toBe(false);
    expect(await runSourceEvent(event, deps())).toEqual(left());
    expect(sent()).toEqual(['orders: one', 'orders: two', 'others: three']);
    expect(await runSourceEvent(event, deps())).toEqual(left());
    expect(await runSourceEvent(BUS('in/x.txt'), deps())).toEqual(left());
    // A tick lists, and finds that all was read
    expect(await runTick({ task: 0 }, deps())).toMatchObject({ outcome: 'caught-up' });
    expect(sent()).toHaveLength(3);
    s3.put('in/x.txt', Buffer.from('three again'));
    expect(await runSourceEvent(BUS('in/x.txt'), deps())).toEqual(left());
    expect(sent().at(-1)).toBe('others: three again');
  });

  it('a message that is none of S3’s fails the task, or is passed over', async () => {
    await configure();
    await expect(runSourceEvent(queue('hello'), deps())).rejects.toThrow(
      'the message is no event of S3: "hello"; expected an object-created notification',
    );
    state = stores();
    await configure({ 'behavior.on.error': 'log' });
    s3.put('in/x.txt', Buffer.from('three'));
    expect(await runSourceEvent(queue('hello', BUS('in/x.txt')), deps())).toEqual(left());
    expect(sent()).toEqual(['others: three']);
  });

  it('an object that cannot be read fails the batch; what was read before it is not read again', async () => {
    await configure({
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    });
    s3.put('in/1', Buffer.from('{"a":1}\n'));
    s3.put('in/2', Buffer.from('{"a":'));
    const event = queue(BUS('in/1'), BUS('in/2'));
    await expect(runSourceEvent(event, deps())).rejects.toThrow('object in/2 of bucket bucket: record 1 at byte 0');
    s3.put('in/2', Buffer.from('{"a":2}\n'));
    expect(await runSourceEvent(event, deps())).toEqual(left());
    expect(sent()).toEqual(['others: {"a":1}', 'others: {"a":2}']);
  });

  it('messages of a connector that is paused, or whose task another invocation has, come again', async () => {
    await configure();
    s3.put('in/x.txt', Buffer.from('three'));
    const event = queue(BUS('in/x.txt'));
    let again: unknown = null;
    s3.onRequest = (request) => {
      if (request.startsWith('HEAD in/') && again === null) again = runSourceEvent(event, deps());
    };
    expect(await runSourceEvent(event, deps())).toEqual(left());
    expect(await again).toEqual(left('m0'));
    await state.configs.setTargetState('c', 'PAUSED');
    expect(await runSourceEvent(event, deps())).toEqual(left('m0'));
    await expect(runSourceEvent(BUS('in/x.txt'), deps())).rejects.toThrow('was not read to the end (idle)');
    expect(sent()).toEqual(['others: three']);
  });

  it('an object that takes several invocations goes on where the last one stopped', async () => {
    await configure({ 'record.batch.max.size': '100' });
    s3.put('in/x.txt', Buffer.from(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join('')));
    const event = queue(BUS('in/x.txt'));
    let runs = 0;
    for (let answer = left('m0'); answer.batchItemFailures.length > 0 && runs < 20; runs++) {
      const dying = new AbortController();
      const enough = (runs + 1) * 1000;
      kafka.beforeSend = () => {
        if (runs < 4 && kafka.values('others').length >= enough) dying.abort();
      };
      answer = await runSourceEvent(event, { ...deps(), signal: dying.signal });
    }
    expect(runs).toBeGreaterThan(1);
    expect(sent()).toEqual(Array.from({ length: 5000 }, (_, i) => `others: ${i}`));
  });
});

it('the source lists, pages and reads what the sink wrote on an S3 that is not ours', async () => {
  const server = await startFauxqs({ port: 0, logger: false });
  server.createBucket('lake');
  try {
    const s3 = { url: `http://127.0.0.1:${server.port}`, bucket: 'lake' } as TestS3;
    const config = { 'topics.dir': 'a b', 'format.class': 'io.confluent.connect.s3.format.json.JsonFormat', 's3.compression.type': 'gzip' };
    const run = await new SinkDriver(s3, { 'flush.size': '2', ...config }, SYSTEM_CLOCK).begin([{ topic: 't+é', partition: 3 }]);
    const values = Array.from({ length: 6 }, (_, i) => new Map([['i', BigInt(i)]]));
    await run.put(values.map((value, i) => new SinkRecord({ topic: 't+é', kafkaPartition: 3, kafkaOffset: i, value, timestamp: i })));
    run.commit();
    await run.end();
    const source = new SourceDriver(s3, config, SYSTEM_CLOCK);
    const restored = await source.readAll();
    expect(restored.map(({ topic, kafkaPartition, value }) => ({ topic, kafkaPartition, value }))).toEqual(
      values.map((value) => ({ topic: 't+é', kafkaPartition: 3, value })),
    );
    expect(await source.readAll()).toEqual([]);
  } finally {
    await server.stop();
  }
}, 60_000);
