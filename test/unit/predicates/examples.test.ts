import { describe, expect, it } from 'vitest';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { Predicate } from '../../../lib/core/transformation.ts';
import { EXAMPLE_RECORD, type PredicateExample } from '../../../lib/predicates/example.ts';
import { predicateManifests } from '../../../lib/predicates/manifests.ts';
import { pluginExamples, pluginExports } from '../../support/plugin-exports.ts';

describe.each(predicateManifests.map((manifest) => [manifest.className, manifest] as const))('%s', async (_name, manifest) => {
  const exported = await pluginExports(manifest.module);
  const examples = await pluginExamples<PredicateExample>(manifest.module);

  it('is the class its module exports', async () => {
    expect(exported[manifest.exportName]).toBe(await manifest.load());
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('example: $summary', ({ predicate: Plugin, config, have, want }) => {
    const predicate = new Plugin() as Predicate;
    predicate.configure(config);

    expect(predicate.test(new SinkRecord({ ...EXAMPLE_RECORD, ...have }))).toBe(want);
  });
});
