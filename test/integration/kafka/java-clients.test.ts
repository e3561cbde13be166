import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { readAll, record, testClients, unique, values } from '../../support/kafka/clients.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { kafkaTools } from '../../support/kafka/kafka-tools.ts';
import { type RunningKafka, startKafka } from '../../support/kafka/start-kafka.ts';

const unavailable = kafkaUnavailable();
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'];
/** Long enough for several blocks of every codec, and compressible. */
const lines = Array.from({ length: 3_000 }, (_, i) => `${i}:${'the same text over and over '.repeat(3)}${(i * 7919) % 1000}`);

describe.skipIf(unavailable !== null)(`with Java's clients${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, () => {
  let kafka: RunningKafka | undefined;
  let clients: KafkaClients;

  beforeAll(async () => {
    kafka = await startKafka();
    clients = testClients();
  });
  afterAll(async () => {
    await clients?.close();
    await kafka?.stop();
  });

  it('reads what Java compressed, and finds keyed records where Java put them', async () => {
    const bootstrap = kafka?.bootstrap ?? '';
    const settings = { 'bootstrap.servers': bootstrap };
    const admin = clients.admin(settings);
    const reader = clients.reader(settings);
    const producer = clients.producer(settings);
    for (const codec of CODECS) {
      const [theirs, ours] = [unique(`java-${codec}`), unique(`ours-${codec}`)];
      for (const topic of [theirs, ours]) await admin.createTopic({ topic, partitions: 3, replicationFactor: 1, configs: {} });
      const produced = await kafkaTools(
        'org.apache.kafka.tools.ConsoleProducer',
        [
          ...['--bootstrap-server', bootstrap, '--topic', theirs, '--compression-codec', codec],
          ...['--property', 'parse.key=true', '--property', 'key.separator=|', '--producer-property', 'linger.ms=200'],
          ...['--producer-property', 'batch.size=200000'],
        ],
        { input: lines.map((line) => `key-${Number.parseInt(line, 10) % 50}|${line}\n`).join('') },
      );
      expect(produced.code, produced.stderr).toBe(0);
      const { failed } = await producer.send(
        lines.map((line) => record(ours, { key: Buffer.from(`key-${Number.parseInt(line, 10) % 50}`), value: Buffer.from(line) })),
      );
      expect(failed.size).toBe(0);
      for (const partition of [0, 1, 2]) {
        expect(values(await readAll(reader, theirs, partition)), codec).toEqual(values(await readAll(reader, ours, partition)));
      }
    }
  });

  it('is read by Java, whatever compressed it', async () => {
    const bootstrap = kafka?.bootstrap ?? '';
    const topic = unique('for-java');
    for (const codec of CODECS) {
      const producer = clients.producer({ 'bootstrap.servers': bootstrap, 'compression.type': codec });
      expect((await producer.send(lines.map((line) => record(topic, { value: Buffer.from(`${codec} ${line}`) })))).failed.size).toBe(0);
      await producer.close();
    }
    const consumed = await kafkaTools('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', bootstrap, '--topic', topic, '--from-beginning', '--max-messages', String(lines.length * CODECS.length)],
      ...['--isolation-level', 'read_committed', '--timeout-ms', '30000'],
    ]);
    expect(consumed.stdout.trimEnd().split('\n')).toEqual(CODECS.flatMap((codec) => lines.map((line) => `${codec} ${line}`)));
  });
});
