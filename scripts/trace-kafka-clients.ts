import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import * as adminApis from '../lib/local/broker/wire/admin-apis.ts';
import * as dataApis from '../lib/local/broker/wire/data-apis.ts';
import * as groupApis from '../lib/local/broker/wire/group-apis.ts';
import * as transactionApis from '../lib/local/broker/wire/transaction-apis.ts';
import { kcat, python } from '../test/support/kafka/judges.ts';
import { kafkaTools, spawnKafkaTool } from '../test/support/kafka/kafka-tools.ts';
import { startKafka } from '../test/support/kafka/start-kafka.ts';

// Prints the table of lib/local/broker/README.md: which API keys and versions the usual clients send to Apache Kafka 4.3.0, seen
// through a proxy, beside the versions of the embedded broker. Run it after scripts/install-test-tools.sh.

const OURS = [adminApis, dataApis, groupApis, transactionApis].flatMap((module) => Object.values(module));

/** API key → versions. */
type Seen = Map<number, Set<number>>;

let seen: Seen = new Map();

/** Passes bytes on and notes key and version of each request. */
async function startProxy(): Promise<{ port: number; aim(port: number): void; close(): void }> {
  let target = 0;
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    let waiting: Buffer = Buffer.alloc(0);
    client.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 8 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const key = waiting.readInt16BE(4);
        seen.set(key, (seen.get(key) ?? new Set()).add(waiting.readInt16BE(6)));
        waiting = waiting.subarray(4 + waiting.readInt32BE(0));
      }
    });
    client.pipe(broker).pipe(client);
    for (const socket of [client, broker]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        broker.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    aim: (port) => {
      target = port;
    },
    close: () => server.close(),
  };
}

async function kafkajs(bootstrap: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'js', numPartitions: 1 }], waitForLeaders: true });
  const producer = kafka.producer({ transactionalId: 'js', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'js', messages: [{ value: '1' }] });
  await transaction.sendOffsets({ consumerGroupId: 'js-txn', topics: [{ topic: 'js', partitions: [{ partition: 0, offset: '1' }] }] });
  await transaction.commit();
  const consumer = kafka.consumer({ groupId: 'js', heartbeatInterval: 100, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'js', fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.run({ eachMessage: async ({ heartbeat }) => heartbeat().then(resolve) }).catch(reject);
  });
  await consumer.disconnect();
  await admin.fetchOffsets({ groupId: 'js', topics: ['js'] });
  await admin.fetchTopicOffsetsByTimestamp('js', 5);
  await admin.describeConfigs({ resources: [{ type: 2, name: 'js' }], includeSynonyms: false });
  await admin.alterConfigs({
    resources: [{ type: 2, name: 'js', configEntries: [{ name: 'retention.ms', value: '900000' }] }],
    validateOnly: false,
  });
  await admin.createPartitions({ topicPartitions: [{ topic: 'js', count: 2 }] });
  await admin.deleteTopicRecords({ topic: 'js', partitions: [{ partition: 0, offset: '1' }] });
  await admin.describeGroups(['js']);
  await admin.listGroups();
  await admin.deleteGroups(['js']);
  await admin.deleteTopics({ topics: ['js'] });
  await producer.disconnect();
  await admin.disconnect();
}

async function kcatClient(bootstrap: string): Promise<void> {
  await kcat(['-b', bootstrap, '-P', '-t', 'kcat', '-X', 'transactional.id=kcat'], '1\n2\n');
  await kcat(['-b', bootstrap, '-C', '-t', 'kcat', '-e', '-q', '-X', 'isolation.level=read_committed']);
  await kcat(['-b', bootstrap, '-G', 'kcat', '-c', '2', '-q', '-X', 'auto.offset.reset=earliest', 'kcat']);
  await kcat(['-b', bootstrap, '-L']);
  await kcat(['-b', bootstrap, '-Q', '-t', 'kcat:0:5']);
}

async function confluentKafka(bootstrap: string): Promise<void> {
  await python(join(import.meta.dirname, '../test/integration/broker/confluent_kafka_judge.py'), [bootstrap], 170_000);
}

async function java(bootstrap: string): Promise<void> {
  const tool = async (main: string, ...args: string[]) => {
    const { code, stderr } = await kafkaTools(`org.apache.kafka.tools.${main}`, args);
    if (code !== 0) throw new Error(`${main}: ${stderr}`);
  };
  const server = ['--bootstrap-server', bootstrap];
  await tool('TopicCommand', ...server, '--create', '--topic', 'java', '--partitions', '1');
  await tool('TopicCommand', ...server, '--describe', '--topic', 'java');
  await tool('VerifiableProducer', ...server, '--topic', 'java', '--max-messages', '100');
  const consumer = await spawnKafkaTool('org.apache.kafka.tools.VerifiableConsumer', [
    ...[...server, '--topic', 'java', '--group-id', 'java', '--max-messages', '100'],
  ]);
  consumer.stdout?.resume();
  await once(consumer, 'exit');
  await tool(
    'TransactionalMessageCopier',
    ...['--broker-list', bootstrap, '--transactional-id', 'java', '--consumer-group', 'java-txn', '--input-topic', 'java'],
    ...['--input-partition', '0', '--output-topic', 'java-copy', '--max-messages', '100', '--transaction-size', '50'],
  );
  await tool('consumer.group.ConsumerGroupCommand', ...server, '--describe', '--group', 'java');
  await tool('TopicCommand', ...server, '--delete', '--topic', 'java');
}

const clients: Readonly<Record<string, (bootstrap: string) => Promise<void>>> = {
  'kafkajs 2.2.4': kafkajs,
  'kcat 1.7.1 (librdkafka 2.0.2)': kcatClient,
  'confluent-kafka 2.16.1': confluentKafka,
  'Java 4.3.0': java,
};

const proxy = await startProxy();
const broker = await startKafka({ properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}` } });
proxy.aim(broker.port);
const traces: Seen[] = [];
// The first user of a coordinator meets errors that kafkajs does not repeat.
await kcatClient(`127.0.0.1:${proxy.port}`);
for (const run of Object.values(clients)) {
  seen = new Map();
  await run(`127.0.0.1:${proxy.port}`);
  traces.push(seen);
}
await broker.stop();
proxy.close();

// Sent by the broker to itself: the version of AddPartitionsToTxn for brokers, and WriteTxnMarkers.
const BROKERS_OWN = { addPartitionsVersion: 5, addPartitionsKey: 24, writeTxnMarkers: 27 };
for (const trace of traces) {
  trace.delete(BROKERS_OWN.writeTxnMarkers);
  trace.get(BROKERS_OWN.addPartitionsKey)?.delete(BROKERS_OWN.addPartitionsVersion);
}

const keys = new Set([...traces.flatMap((trace) => [...trace.keys()]), ...OURS.map((api) => api.key)]);
console.log(`| API | ${Object.keys(clients).join(' | ')} | embedded |`);
console.log(`|---|${'---|'.repeat(traces.length + 1)}`);
for (const key of [...keys].sort((a, b) => a - b)) {
  const ours = OURS.find((api) => api.key === key);
  const cells = traces.map((trace) => [...(trace.get(key) ?? [])].sort((a, b) => a - b).join(', ') || '–');
  console.log(`| ${key} ${ours?.name ?? '(not ours)'} | ${cells.join(' | ')} | ${ours === undefined ? '–' : `${ours.min}–${ours.max}`} |`);
}
