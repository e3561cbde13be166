import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMAND = join(import.meta.dirname, '../../../scripts/conformance.ts');
const CASES = [
  { id: 'm/right', family: 'murmur2', op: 'murmur2', input: { bytes: 'dXNlci0y' }, expect: { murmur2: -324981792, partition: { 3: 2 } } },
  { id: 'm/wrong', family: 'murmur2', op: 'murmur2', input: { bytes: 'dXNlci0y' }, expect: { murmur2: 1, partition: { 3: 2 } } },
  { id: 'm/needs', family: 'murmur2', op: 'murmur2', input: null, expect: {}, needs: 'java-regex' },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  writeFileSync(join(folder, 'murmur2.jsonl'), CASES.map((case_) => `${JSON.stringify(case_)}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));

function conformance(...args: string[]): { lines: string[]; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

describe('npm run conformance', () => {
  it('prints each failure with its difference, what is skipped, and the counts last', () => {
    const { lines, status } = conformance(folder);
    expect(lines[0]).toBe('FAILED m/wrong');
    expect(lines.slice(1, 4).map((line) => line.trim())).toEqual(['murmur2', 'expected 1', 'got      -324981792']);
    expect(lines.at(-2)).toBe('skipped m/needs: java-regex');
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped');
    expect(status).toBe(1);
  });

  it('runs only what --only names', () => {
    expect(conformance(folder, '--only', 'm/right')).toEqual({ lines: ['1 passed, 0 failed, 0 skipped'], status: 0 });
  });

  it('asks for a path', () => {
    expect(conformance().status).toBe(2);
  });
});
