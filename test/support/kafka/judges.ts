import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Python with confluent-kafka; `scripts/install-test-tools.sh` makes it. */
const PYTHON = join(import.meta.dirname, '../../../.cache/python/bin/python');

/** Why kcat cannot judge here, null = it can. @throws with `CI=true`, where it must */
export function kcatUnavailable(): string | null {
  return orFail(spawnSync('kcat', ['-V']).error === undefined ? null : 'no `kcat` on the PATH: run scripts/install-test-tools.sh');
}

/** Why librdkafka cannot judge here, null = it can. @throws with `CI=true`, where it must */
export function confluentKafkaUnavailable(): string | null {
  const there = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import confluent_kafka']).status === 0;
  return orFail(there ? null : 'no confluent-kafka in .cache/python: run scripts/install-test-tools.sh');
}

function orFail(reason: string | null): string | null {
  if (reason !== null && process.env.CI === 'true') throw new Error(`required with CI=true: ${reason}`);
  return reason;
}

/** Runs kcat with `input` and returns what it printed. @throws what it printed to stderr, when it fails or takes over 60 s */
export function kcat(args: readonly string[], input = ''): Promise<string> {
  return run('kcat', args, input, 60_000);
}

/** Runs a Python script beside the suites with the venv's interpreter. */
export function python(script: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return run(PYTHON, [script, ...args], '', timeoutMs);
}

function run(command: string, args: readonly string[], input: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: timeoutMs, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stderr}\n${stdout}`));
    });
    child.stdin?.end(input);
  });
}
