import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectHeaders } from '../../../lib/core/data/headers.ts';
import { STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import type { PluginClass } from '../../../lib/core/manifest.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { Transformation } from '../../../lib/core/transformation.ts';
import { transformManifests } from '../../../lib/transforms/manifests.ts';
import { encodeRecord } from '../../conformance/format/record-codec.ts';
import { schemaless, structKind } from '../../support/arbitrary-data.ts';

/** Configurations that have something to do with the fields f0, f1… of generated data; one per transformation at least. */
const CONFIGS: Readonly<Record<string, readonly Record<string, string>[]>> = {
  Cast: [{ spec: 'f0:string,f1:int32' }, { spec: 'string' }],
  DropHeaders: [{ headers: 'h' }],
  ExtractField: [{ field: 'f0' }, { field: 'f0.f1', 'field.syntax.version': 'V2' }],
  Filter: [{}],
  Flatten: [{}],
  HeaderFrom: [
    { fields: 'f0,f1', headers: 'a,b', operation: 'move' },
    { fields: 'f0', headers: 'a', operation: 'copy' },
  ],
  HoistField: [{ field: 'w' }],
  InsertField: [{ 'topic.field': 't', 'offset.field': 'o', 'timestamp.field': 'ts', 'static.field': 's', 'static.value': 'x' }],
  InsertHeader: [{ header: 'n', 'value.literal': '[1,2]' }],
  MaskField: [{ fields: 'f0,f1' }, { fields: 'f0', replacement: '7' }],
  RegexRouter: [{ regex: '(.*)', replacement: 'x-$1' }],
  ReplaceField: [{ exclude: 'f0', renames: 'f1:g' }, { include: 'f0' }],
  SetSchemaMetadata: [{ 'schema.name': 'n', 'schema.version': '7' }],
  TimestampConverter: [{ field: 'f0', 'target.type': 'string', format: 'yyyy' }, { 'target.type': 'unix' }],
  TimestampRouter: [{}],
  ValueToKey: [{ fields: 'f0,f1' }],
};

const record: fc.Arbitrary<SinkRecord> = fc
  .oneof(
    structKind.chain(({ schema, values }) => values.map((value) => ({ schema, value }))),
    schemaless.map((value) => ({ schema: null, value })),
  )
  .map(({ schema, value }) => {
    const headers = new ConnectHeaders().add('h', 'x', STRING_SCHEMA).add('i', 'y', STRING_SCHEMA);
    const half = { keySchema: schema, key: value, valueSchema: schema, value };
    return Object.freeze(new SinkRecord({ topic: 't', kafkaPartition: 1, kafkaOffset: 7, timestamp: 1_709_210_096_789, headers, ...half }));
  });

describe('transformations', () => {
  it.each(transformManifests.map((manifest) => [manifest.className, manifest] as const))(
    '%s leaves the record as it was',
    async (className, manifest) => {
      const Plugin: PluginClass = await manifest.load();
      const configs = CONFIGS[/([A-Za-z]+)(?:\$\w+)?$/.exec(className)![1]!]!;

      for (const config of configs) {
        const transformation = new Plugin() as Transformation<SinkRecord>;
        transformation.configure(config);
        await fc.assert(
          fc.property(record, (input) => {
            const before = JSON.stringify(encodeRecord(input));
            let output: SinkRecord | null = null;
            try {
              output = transformation.apply(input) as SinkRecord | null;
            } catch {
              // A refusal must not change the record either.
            }
            expect(JSON.stringify(encodeRecord(input))).toBe(before);
            if (output !== null) expect([output.kafkaOffset, output.originalTopic]).toEqual([7, 't']);
          }),
          { numRuns: 60 },
        );
      }
    },
  );
});
