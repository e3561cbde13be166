import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

describe('npm start', () => {
  it('moves the data set through the synthesised bundles, survives a kill, and ends with source and target equal', () => {
    const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], { cwd: ROOT, encoding: 'utf8', timeout: 200_000 });

    expect(stderr).toBe('');
    expect(stdout).toContain('killed a sink invocation half-way');
    expect(stdout).toContain('source and target agree, row by row');
    expect(stdout).toMatch(/rows in the source +135,483\n.*\nrows in the target +135,483\n/);
    expect(stdout).toMatch(/dead letters +0\n/);
    expect(stdout).toMatch(/duplicates skipped +[1-9]/);
    expect(status).toBe(0);
  });
});
