import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { SourceDriver } from '../../support/s3/source-driver.ts';
import type { TestS3 } from '../../support/s3/test-s3.ts';

// Reads one large object in a process of its own and prints what that took: arguments are the server's URL and the format's class.
const [url = '', format = ''] = process.argv.slice(2);
const source = new SourceDriver(
  { url, bucket: 'bucket' } as TestS3,
  { 'format.class': format, 'record.batch.max.size': '1000' },
  SYSTEM_CLOCK,
);
const { task, state } = await source.begin();
let records = 0;
while (!state.caughtUp) records += (await task.poll())?.length ?? 0;
await task.stop();
console.log(JSON.stringify({ records, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
