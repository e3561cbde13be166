import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TestS3 } from '../../support/s3/test-s3.ts';

const MEGABYTES = process.env.LONG === '1' ? 5_000 : 200;
const PEAK_MAX_BYTES = 250e6;

it(`a stream of ${MEGABYTES} MB with flush.size 10,000,000 takes no more memory than its parts`, async () => {
  const s3 = new TestS3('bucket', { discardContent: true });
  await s3.start();
  try {
    const script = join(import.meta.dirname, 's3-memory-process.ts');
    const child = spawn(process.execPath, [script, s3.url, String(MEGABYTES)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    expect((await once(child, 'exit'))[0]).toBe(0);
    const { peakBytes } = JSON.parse(printed) as { peakBytes: number };
    console.log(`peak ${Math.round(peakBytes / 1e6)} MB, ${Math.round(s3.bytesReceived / 1e6)} MB received`);
    expect(peakBytes).toBeLessThan(PEAK_MAX_BYTES);
    expect(s3.bytesReceived).toBeGreaterThan(MEGABYTES * 1e6 * 0.8);
    // The object was given up when the task was closed
    expect(s3.openUploads).toBe(0);
  } finally {
    await s3.stop();
  }
}, 1_800_000);
