import type { Transformation } from '../../../lib/core/transformation.ts';
import { transformManifests } from '../../../lib/transforms/manifests.ts';
import { type ConformanceCase, inPhase } from '../format/case.ts';
import { decodeRecord, encodeRecord, type RecordJson } from '../format/record-codec.ts';

/** Family `transforms`: one new transformation per case. */
export async function run({ plugin, config = {}, input }: ConformanceCase): Promise<unknown> {
  const manifest = transformManifests.find(({ className }) => className === plugin);
  if (manifest === undefined) throw new Error(`no transformation ${plugin}`);
  const transformation = new (await manifest.load())() as Transformation;
  inPhase('configure', () => transformation.configure(config));
  if (input === null) return { configured: true };
  const record = decodeRecord(input.record as RecordJson);
  return { output: encodeRecord(await inPhase('apply', () => transformation.apply(record))) };
}
