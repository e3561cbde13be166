import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { startCli, waitFor } from '../support/cli/run-cli.ts';
import { testClients } from '../support/kafka/clients.ts';
import { TestS3 } from '../support/s3/test-s3.ts';

const RECORDS = 2_000;
const FLUSH_SIZE = 300;

/** What a user of Confluent's connector has: two .properties files. */
describe('standalone with an S3 sink', () => {
  const s3 = new TestS3('lake');
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let cwd: string;

  beforeAll(async () => {
    await s3.start();
    broker = await startBroker();
    cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-s3-'));
    const clients = testClients();
    const producer = clients.producer({ 'bootstrap.servers': broker.bootstrap });
    const records = Array.from({ length: RECORDS }, (_, id) => ({
      topic: 'orders',
      partition: null,
      key: null,
      value: Buffer.from(JSON.stringify({ id, name: `order ${id}` })),
      timestamp: 1_700_000_000_000 + id,
      headers: [],
    }));
    await producer.send(records);
    await producer.close();
    await clients.close();
  });

  afterAll(async () => {
    await s3.stop();
    await broker.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  it('writes every record once, also over a kill', async () => {
    writeFileSync(
      join(cwd, 'worker.properties'),
      [
        `bootstrap.servers=${broker.bootstrap}`,
        'key.converter=org.apache.kafka.connect.storage.StringConverter',
        'value.converter=org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable=false',
        'offset.storage.file.filename=offsets',
        'offset.flush.interval.ms=200',
        'listeners=http://127.0.0.1:0',
      ].join('\n'),
    );
    writeFileSync(
      join(cwd, 's3-sink.properties'),
      [
        'name=s3-sink',
        'connector.class=io.confluent.connect.s3.S3SinkConnector',
        'tasks.max=1',
        'topics=orders',
        's3.bucket.name=lake',
        's3.region=eu-central-1',
        `store.url=${s3.url}`,
        'aws.access.key.id=test-key',
        'aws.secret.access.key=test-secret',
        'storage.class=io.confluent.connect.s3.storage.S3Storage',
        'format.class=io.confluent.connect.s3.format.json.JsonFormat',
        `flush.size=${FLUSH_SIZE}`,
        'lambda.s3.flush.idle.ms=1000',
      ].join('\n'),
    );
    const args = ['standalone', 'worker.properties', 's3-sink.properties'];
    const ids = () =>
      [...s3.objects.values()].flatMap(({ content }) =>
        content
          .toString()
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: number }).id),
      );
    const first = startCli(args, { cwd });
    await waitFor(() => s3.objects.size > 0, first);
    await first.end('SIGKILL');
    const second = startCli(args, { cwd });
    try {
      await waitFor(() => new Set(ids()).size === RECORDS, second);
    } finally {
      await second.end('SIGTERM');
    }
    expect(ids().sort((a, b) => a - b)).toEqual(Array.from({ length: RECORDS }, (_, id) => id));
    expect(s3.openUploads).toBeLessThanOrEqual(1);
  }, 180_000);
});
