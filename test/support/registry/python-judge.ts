import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PYTHON = join(import.meta.dirname, '../../../.cache/python/bin/python');
const SCRIPT = join(import.meta.dirname, '../../integration/registry/judge.py');

/** Why Confluent's Python client and fastavro cannot judge here, null = they can. @throws with `CI=true`, where they must */
export function pythonJudgeUnavailable(): string | null {
  const there = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import confluent_kafka.schema_registry.avro, fastavro']).status === 0;
  const reason = there ? null : 'no confluent-kafka with its registry extras in .cache/python: run scripts/install-test-tools.sh';
  if (reason !== null && process.env.CI === 'true') throw new Error(`required with CI=true: ${reason}`);
  return reason;
}

/** What the judge answers: `ok`, or the registry's error, or another one. */
export interface Judgement {
  readonly ok?: unknown;
  readonly status?: number;
  readonly code?: number;
  readonly error?: string;
}

/** A Python process that obeys the commands of `judge.py` against one registry. */
export class PythonJudge {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  /** `script` obeys commands the same way; by default `judge.py`. */
  constructor(url: string, userInfo?: string, script = SCRIPT) {
    this.#process = spawn(PYTHON, [script, url, ...(userInfo === undefined ? [] : [userInfo])], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async ask(command: Readonly<Record<string, unknown>>): Promise<Judgement> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the Python judge has ended');
    return JSON.parse(value) as Judgement;
  }

  stop(): void {
    this.#process.kill();
  }
}

/** Bytes as the judge takes and gives them. */
export function inBase64(bytes: Uint8Array): { readonly bytes: string } {
  return { bytes: Buffer.from(bytes).toString('base64') };
}

export function fromBase64(json: unknown): Uint8Array {
  return new Uint8Array(Buffer.from((json as { bytes: string }).bytes, 'base64'));
}
