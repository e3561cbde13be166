import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

/** What vitest's JSON report says of one test file. */
interface FileReport {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const rows: { suite: string; seconds: number; count: Count }[] = [];

function check(name: string, command: string, args: readonly string[]): void {
  const startedAt = performance.now();
  const { status } = spawnSync(join(BIN, command), args, { cwd: ROOT, stdio: 'inherit' });
  const count = { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
  add(name, (performance.now() - startedAt) / 1000, count);
}

function add(suite: string, seconds: number, count: Count): void {
  rows.push({ suite, seconds, count });
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

function runVitest(args: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-test-'));
  const report = join(folder, 'report.json');
  try {
    const { status } = spawnSync(
      join(BIN, 'vitest'),
      ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...args],
      {
        cwd: ROOT,
        stdio: 'inherit',
        // Elsewhere than on a terminal colours are noise.
        env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      },
    );
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as { testResults: FileReport[] };
    for (const file of testResults) {
      const count: Count = { passed: 0, failed: 0, skipped: 0 };
      for (const { status: outcome } of file.assertionResults) {
        if (outcome === 'passed') count.passed++;
        else if (outcome === 'failed') count.failed++;
        else count.skipped++;
      }
      // A file that cannot even be loaded has no results, only a message.
      if (count.failed === 0 && file.message !== '') count.failed++;
      add(relative(ROOT, file.name), (file.endTime - file.startTime) / 1000, count);
    }
    if (status !== 0 && total.failed === 0) add('vitest itself', 0, { passed: 0, failed: 1, skipped: 0 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const only = process.argv.slice(2);
if (only.length === 0) {
  check('types (tsc)', 'tsc', ['-p', '.']);
  check('format, lint, imports (biome)', 'biome', ['check', '--error-on-warnings', '.']);
  check('dead code (knip)', 'knip', []);
}
runVitest(only);

console.log('\nseconds  passed  failed  skipped  suite');
for (const { suite, seconds, count } of rows.toSorted((a, b) => b.seconds - a.seconds)) {
  console.log(
    `${seconds.toFixed(1).padStart(7)}  ${String(count.passed).padStart(6)}  ${String(count.failed).padStart(6)}  ${String(count.skipped).padStart(7)}  ${suite}`,
  );
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
