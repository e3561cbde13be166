import { describe, expect, it } from 'vitest';
import { SinkRecord, type SinkRecordInit } from '../../../lib/core/sink-record.ts';
import type { Transformation } from '../../../lib/core/transformation.ts';
import { EXAMPLE_RECORD, type TransformationExample } from '../../../lib/transforms/example.ts';
import { transformManifests } from '../../../lib/transforms/manifests.ts';
import { encodeRecord } from '../../conformance/format/record-codec.ts';
import { pluginExamples, pluginExports } from '../../support/plugin-exports.ts';

const recordOf = (...changes: Partial<SinkRecordInit>[]): SinkRecord => new SinkRecord(Object.assign({}, EXAMPLE_RECORD, ...changes));

describe.each([...new Set(transformManifests.map(({ module }) => module))])('examples of %s', async (module) => {
  const examples = await pluginExamples<TransformationExample>(module);

  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('$summary', async ({ transformation: Plugin, config, have, want }) => {
    const transformation = new Plugin() as Transformation;
    transformation.configure(config);
    const record = recordOf(have);

    const output = await transformation.apply(record);

    expect(encodeRecord(output)).toEqual(want === null ? null : encodeRecord(recordOf(have, originals(have), want)));
  });
});

/** Where the record came from stays, whatever the transformation does to its topic. */
function originals(have: Partial<SinkRecordInit>): Partial<SinkRecordInit> {
  return { originalTopic: have.topic ?? EXAMPLE_RECORD.topic };
}

describe('manifests of transformations', () => {
  it.each(transformManifests.map((manifest) => [manifest.className, manifest] as const))(
    '%s loads the class its module exports',
    async (_name, manifest) => {
      const exported = await pluginExports(manifest.module);

      expect(exported[manifest.exportName]).toBe(await manifest.load());
      expect((new (await manifest.load())() as Transformation).config()).toBe(manifest.configDef);
    },
  );
});
