import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseFiles, readCases } from './format/read-cases.ts';
import { runCase } from './format/run-case.ts';

/** Every recorded case, one test per family; `npm run conformance -- test/conformance/cases` shows the differences at length. */
describe('recorded cases of Apache Kafka Connect 4.3.0', () => {
  for (const file of caseFiles(`${import.meta.dirname}/cases`).files) {
    it(basename(file).replace(/\.jsonl(\.gz)?$/, ''), async () => {
      const cases = readCases(file);
      const failures: unknown[] = [];
      const skipped = new Map<string, number>();
      for (const case_ of cases) {
        const result = await runCase(case_);
        if (result.status === 'failed') failures.push({ id: case_.id, differences: result.differences.slice(0, 3) });
        if (result.status === 'skipped') skipped.set(result.reason, (skipped.get(result.reason) ?? 0) + 1);
      }
      for (const [reason, count] of skipped) console.log(`${count} of ${cases.length} cases skipped: ${reason}`);
      expect(cases.length).toBeGreaterThan(0);
      expect(failures).toEqual([]);
    });
  }
});
