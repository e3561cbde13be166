import { runnerOf } from '../families/index.ts';
import { type ConformanceCase, encodeError, JudgedOutcome, PhaseFailure } from './case.ts';
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
  const differences = outcome instanceof JudgedOutcome ? outcome.differences : compareUnjudged(case_, outcome);
  if (differences.length === 0) return { status: 'passed' };
  return case_.quirk === undefined ? { status: 'failed', differences, thrown } : { status: 'skipped', reason: quirkText(case_.quirk) };
}

/** A case without an expectation of its own has failed before its runner could compare. */
function compareUnjudged(case_: ConformanceCase, outcome: unknown): readonly Difference[] {
  return case_.expect === undefined ? [{ path: '', expected: 'steps', got: outcome }] : compareOutcome(case_, outcome);
}

/** The registry families only say that there is an oddity, and their FORMAT.md which one. */
function quirkText(quirk: string | true): string {
  return quirk === true ? 'the recorded converter could not read what it had just written' : quirk;
}
