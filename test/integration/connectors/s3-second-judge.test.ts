import { startFauxqs } from 'fauxqs';
import { expect, it } from 'vitest';
import { RestS3Client } from '../../../lib/connectors/s3/rest-client.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import type { TestS3 } from '../../support/s3/test-s3.ts';

it('the sink writes, and the client reads and lists, on an S3 that is not ours', async () => {
  const server = await startFauxqs({ port: 0, logger: false });
  const url = `http://127.0.0.1:${server.port}`;
  const client = new RestS3Client({
    bucket: 'lake',
    region: 'us-east-1',
    endpoint: url,
    pathStyle: true,
    accelerate: false,
    credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
    attempts: 1,
    retryBackoffMs: 1,
    clock: SYSTEM_CLOCK,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  try {
    expect(await client.bucketExists()).toBe(false);
    server.createBucket('lake');
    expect(await client.bucketExists()).toBe(true);
    const driver = new SinkDriver({ url, bucket: 'lake' } as TestS3, { 'flush.size': '2', 'topics.dir': 'a b' }, SYSTEM_CLOCK);
    const run = await driver.begin([{ topic: 't+é', partition: 0 }]);
    await run.put(
      Array.from(
        { length: 6 },
        (_, i) => new SinkRecord({ topic: 't+é', kafkaPartition: 0, kafkaOffset: i, value: new Map([['i', i]]), timestamp: i }),
      ),
    );
    run.commit();
    await run.end();
    expect([...driver.committed]).toEqual([['t+é-0', 6]]);
    const keys = [0, 2, 4].map((offset) => `a b/t+é/partition=0/t+é+0+000000000${offset}.json`);
    const first = await client.listObjects({ prefix: 'a b/', maxKeys: 2 });
    const second = await client.listObjects({ prefix: 'a b/', continuation: first.next! });
    expect([...first.objects, ...second.objects].map(({ key }) => key)).toEqual(keys);
    expect(Buffer.from((await client.getObject({ key: keys[1]! })).bytes).toString()).toBe('{"i":2}\n{"i":3}\n');
    const part = await client.getObject({ key: keys[1]!, from: 8, to: 14 });
    expect(Buffer.from(part.bytes).toString()).toBe('{"i":3}');
    expect(part.sizeBytes).toBe(16);
    expect((await client.headObject(keys[0]!))?.sizeBytes).toBe(16);
    await client.deleteObject(keys[0]!);
    expect(await client.headObject(keys[0]!)).toBeNull();
  } finally {
    client.close();
    await server.stop();
  }
}, 60_000);
