import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCli, startCli, waitFor } from './run-cli.ts';

const WORKER = [
  'key.converter=org.apache.kafka.connect.storage.StringConverter',
  'value.converter=org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable=false',
  'offset.flush.interval.ms=500',
  'listeners=http://127.0.0.1:0',
];

/** A `standalone` process of its own with embedded Kafka, all in memory. */
export interface TestStandalone {
  readonly url: string;
  readonly bootstrap: string;
  /** Its working folder, removed at the end. */
  readonly cwd: string;
  readonly process: RunningCli;
  close(): Promise<void>;
}

/** Starts it, without connectors. `worker` lines are added to the worker file. */
export async function startTestStandalone(worker: readonly string[] = []): Promise<TestStandalone> {
  const cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-cli-'));
  writeFileSync(join(cwd, 'worker.properties'), [...WORKER, ...worker].join('\n'));
  const running = startCli(['standalone', 'worker.properties', '--state', 'memory'], { cwd });
  const logged = (pattern: RegExp) => pattern.exec(running.output())?.[1];
  const url = () => logged(/"message":"REST API listening","url":"([^"]+)"/);
  await waitFor(() => url() !== undefined, running);
  return {
    url: url() as string,
    bootstrap: logged(/"bootstrap":"([^"]+)"/) as string,
    cwd,
    process: running,
    async close() {
      await running.end('SIGTERM');
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
