import { runnerOf } from '../families/index.ts';
import { type ConformanceCase, encodeError, PhaseFailure } from './case.ts';
import { compareOutcome, type Difference } from './compare.ts';

/** How a case ended. Skipped cases have a reason, failed ones their differences. */
export type CaseResult =
  | { readonly status: 'passed' }
  | { readonly status: 'skipped'; readonly reason: string; readonly withoutRunner?: true }
  | { readonly status: 'failed'; readonly differences: readonly Difference[]; readonly thrown: unknown };

/** Runs one case by the runner of its family and compares. Never throws. */
export async function runCase(case_: ConformanceCase): Promise<CaseResult> {
  if (case_.needs !== undefined) return { status: 'skipped', reason: case_.needs };
  let outcome: unknown;
  let thrown: unknown;
  try {
    const run = await runnerOf(case_.family);
    if (run === null) return { status: 'skipped', reason: `no runner for the family ${case_.family}`, withoutRunner: true };
    outcome = await run(case_);
  } catch (error) {
    thrown = error instanceof PhaseFailure ? error.error : error;
    outcome = { error: encodeError(error) };
  }
  const differences = compareOutcome(case_, outcome);
  if (differences.length === 0) return { status: 'passed' };
  return case_.quirk === undefined ? { status: 'failed', differences, thrown } : { status: 'skipped', reason: case_.quirk };
}
