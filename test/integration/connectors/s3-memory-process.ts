import { SinkRecord } from '../../../lib/core/sink-record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { SinkDriver } from '../../support/s3/sink-driver.ts';
import type { TestS3 } from '../../support/s3/test-s3.ts';

/** Streams so many bytes through the sink into one object and prints the peak memory of this process; the S3 is another's. */
const [url, totalMegabytes] = process.argv.slice(2) as [string, string];
const VALUE = new Uint8Array(10_000).fill(120);
const BATCH = 500;
const batches = Math.ceil((Number(totalMegabytes) * 1e6) / (VALUE.length * BATCH));

const driver = new SinkDriver(
  { url, bucket: 'bucket' } as TestS3,
  { 'flush.size': '10000000', 'format.class': 'io.confluent.connect.s3.format.bytearray.ByteArrayFormat' },
  SYSTEM_CLOCK,
);
const run = await driver.begin([{ topic: 'stream', partition: 0 }]);
let peakBytes = 0;
for (let batch = 0; batch < batches; batch++) {
  const records = Array.from(
    { length: BATCH },
    (_, i) => new SinkRecord({ topic: 'stream', kafkaPartition: 0, kafkaOffset: batch * BATCH + i, value: VALUE, timestamp: 0 }),
  );
  await run.put(records);
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}
await run.end();
console.log(JSON.stringify({ peakBytes, records: batches * BATCH }));
