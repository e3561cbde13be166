import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectorManifests } from '../../../../lib/connectors/s3/manifest.ts';
import { isRetriable } from '../../../../lib/core/errors.ts';
import { SinkRecord } from '../../../../lib/core/sink-record.ts';
import { ManualClock } from '../../../../lib/testing/task-contexts.ts';
import { SinkDriver } from '../../../support/s3/sink-driver.ts';
import { TestS3 } from '../../../support/s3/test-s3.ts';

const TP = [{ topic: 't', partition: 0 }];

function record(offset: number, value: unknown = new Map([['i', offset]])): SinkRecord {
  return new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: offset, value, timestamp: offset });
}

describe('bad input of the S3 sink', () => {
  let s3: TestS3;
  beforeEach(async () => {
    s3 = new TestS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  const driver = (config: Readonly<Record<string, string>> = {}) =>
    new SinkDriver(s3, { 'flush.size': '2', 's3.part.retries': '1', ...config }, new ManualClock(1000));

  it('a wrong bucket fails the task', async () => {
    await expect(driver({ 's3.bucket.name': 'no-such' }).begin(TP)).rejects.toThrow('Non-existent S3 bucket: no-such');
  });

  it('an S3 that is not there is an outage', async () => {
    const failure = await driver({ 'store.url': 'http://127.0.0.1:1' })
      .begin(TP)
      .catch((error: unknown) => error);
    expect(isRetriable(failure)).toBe(true);
    expect(String(failure)).toContain('ECONNREFUSED');
  });

  it('a missing permission fails the task and commits nothing', async () => {
    s3.faults.push({ method: 'POST', query: 'uploads', status: 403, code: 'AccessDenied', times: -1 });
    const writer = driver();
    const run = await writer.begin(TP);
    await expect(run.put([record(0), record(1)])).rejects.toThrow('AccessDenied (Service: S3, Status Code: 403)');
    run.commit();
    expect(writer.committed.size).toBe(0);
  });

  it('a wrong secret is no outage', async () => {
    const writer = driver({ 'aws.secret.access.key': 'wrong' });
    const run = await writer.begin(TP);
    await expect(run.put([record(0), record(1)])).rejects.toThrow('the signature does not match');
  });

  it('a key that exists is not replaced by a conditional write; the task goes on behind it', async () => {
    s3.put('topics/t/partition=0/t+0+0000000000.json', Buffer.from('old'));
    const writer = driver({ 'rotate.schedule.interval.ms': '86400000', timezone: 'UTC' });
    const run = await writer.begin(TP);
    await run.put([record(0), record(1)]);
    expect(run.positions.get('t-0')).toBe(1);
    expect(s3.objects.get('topics/t/partition=0/t+0+0000000000.json')!.content.toString()).toBe('old');
  });

  it('a record larger than a part takes several', async () => {
    const writer = driver({ 's3.part.size': '5242880', 'flush.size': '1' });
    const run = await writer.begin(TP);
    await run.put([record(0, 'x'.repeat(12_000_000))]);
    run.commit();
    const object = s3.objects.get('topics/t/partition=0/t+0+0000000000.json')!;
    expect([object.parts, object.content.length]).toEqual([3, 12_000_003]);
  });

  it('what cannot be done here is refused with the way out', () => {
    const { refusals } = connectorManifests[0]!;
    expect(refusals!({ 'avro.codec': 'bzip2' })).toEqual([
      { key: 'avro.codec', message: 'bzip2 cannot be written here; allowed: null, deflate, snappy' },
    ]);
    expect(refusals!({ 'lambda.s3.flush.idle.ms': '1000', 'rotate.schedule.interval.ms': '60000' })).toHaveLength(1);
    expect(refusals!({ 'lambda.s3.flush.idle.ms': '-1', 'rotate.schedule.interval.ms': '60000' })).toHaveLength(0);
  });
});
