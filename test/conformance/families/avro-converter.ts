import type { ConformanceCase, JudgedOutcome } from '../format/case.ts';
import { runRegistryCase, sameJson } from '../registry/run-registry-case.ts';

export function run(case_: ConformanceCase): Promise<JudgedOutcome> {
  return runRegistryCase(case_, sameJson);
}
