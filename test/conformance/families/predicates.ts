import type { Predicate } from '../../../lib/core/transformation.ts';
import { predicateManifests } from '../../../lib/predicates/manifests.ts';
import { type ConformanceCase, inPhase } from '../format/case.ts';
import { decodeRecord, type RecordJson } from '../format/record-codec.ts';

/** Family `predicates`: one new predicate per case. */
export async function run({ plugin, config = {}, input }: ConformanceCase): Promise<unknown> {
  const manifest = predicateManifests.find(({ className }) => className === plugin);
  if (manifest === undefined) throw new Error(`no predicate ${plugin}`);
  const predicate = new (await manifest.load())() as Predicate;
  inPhase('configure', () => predicate.configure(config));
  if (input === null) return { configured: true };
  const answer = inPhase('test', () => predicate.test(decodeRecord(input.record as RecordJson)));
  return { test: answer, appliesWithNegate: !answer };
}
