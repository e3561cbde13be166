import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localStackUnavailable } from '../../scripts/deploy-local/localstack.ts';
import { kafkaUnavailable } from '../support/kafka/jars.ts';

const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');

// Two minutes, and 340 MB of LocalStack the first time: part of the long profile.
const unavailable = process.env.LONG === '1' ? (localStackUnavailable() ?? kafkaUnavailable()) : 'LONG=1 runs it (2 minutes)';

describe.skipIf(unavailable !== null)(`npm run deploy:local${unavailable === null ? '' : ` (skipped: ${unavailable})`}`, () => {
  it('deploys a pipeline, moves rows through it, changes it under way and removes it', { timeout: 900_000 }, async () => {
    const child = spawn(NODE, ['scripts/deploy-local.ts'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const code = await new Promise((resolve) => child.once('close', resolve));

    expect(code, output).toBe(0);
    const steps = output
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\s*[\d.]+ s\s+/, ''));
    expect(steps).toEqual([
      'servers are up',
      'cdk bootstrap',
      'cdk deploy orders',
      '500 rows arrive',
      'cdk deploy of a changed configuration, while 40 rows a second come',
      '300 further rows arrive',
      'cdk destroy',
      'all',
    ]);
  });
});
