import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ConformanceCase } from './case.ts';
import { withS3Expectation } from './s3-case.ts';

/** What stands at a path: files of cases, and folders that have a runner of their own (`replay.mjs`) and are left to it. */
export interface CaseFiles {
  readonly files: readonly string[];
  readonly ownRunners: readonly string[];
}

/** The file itself, or every `.jsonl` and `.jsonl.gz` in the folder and the folders in it, by name. */
export function caseFiles(path: string): CaseFiles {
  if (!statSync(path).isDirectory()) return { files: [path], ownRunners: [] };
  const runner = join(path, 'replay.mjs');
  if (existsSync(runner)) return { files: [], ownRunners: [runner] };
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile() && /\.jsonl(\.gz)?$/.test(entry.name)).map((entry) => join(path, entry.name));
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => caseFiles(join(path, entry.name)));
  return { files: [...files, ...below.flatMap((found) => found.files)], ownRunners: below.flatMap((found) => found.ownRunners) };
}

/** The cases of a file, in order. */
export function readCases(file: string): ConformanceCase[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as ConformanceCase)
    .map((case_) => (case_.family === 's3-sink' ? withS3Expectation(case_) : case_));
}
