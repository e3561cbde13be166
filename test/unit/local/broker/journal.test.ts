import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal } from '../../../../lib/local/broker/storage/journal.ts';

describe('fileJournal', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-journal-'));
    path = join(dir, 'journal.jsonl');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('returns the last value of each key after a restart', () => {
    const journal = fileJournal<number>(path);
    journal.put('a', 1);
    journal.put('b', 1);
    journal.put('a', 2);
    journal.put('b', null);
    journal.close();

    const again = fileJournal<number>(path);

    expect([...again.entries]).toEqual([['a', 2]]);
    again.close();
  });

  it('ignores a torn last line', () => {
    const journal = fileJournal<number>(path);
    journal.put('a', 1);
    journal.close();
    appendFileSync(path, '["a",');

    const again = fileJournal<number>(path);
    again.put('b', 2);
    again.close();

    const third = fileJournal<number>(path);
    expect([...third.entries]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    third.close();
  });

  it('stays small however often a key changes', () => {
    const journal = fileJournal<number>(path);

    for (let at = 0; at <= 25_000; at++) journal.put('a', at);

    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(10_010);
    journal.close();
    const again = fileJournal<number>(path);
    expect(again.entries.get('a')).toBe(25_000);
    again.close();
  });
});
