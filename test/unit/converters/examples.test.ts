import { describe, expect, it } from 'vitest';
import type { ConverterExample } from '../../../lib/converters/converter-example.ts';
import { converterManifests, headerConverterManifests } from '../../../lib/converters/manifests.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { encodeSchema, encodeValue } from '../../conformance/format/codec.ts';
import { pluginExamples, pluginExports } from '../../support/plugin-exports.ts';

describe.each(converterManifests.map((manifest) => [manifest.className, manifest] as const))('%s', async (_name, manifest) => {
  const exported = await pluginExports(manifest.module);
  const examples = await pluginExamples<ConverterExample>(manifest.module);

  it('is the class its module exports, also as a header converter', async () => {
    expect(exported[manifest.exportName]).toBe(await manifest.load());
    // Converters with a registry are for keys and values only, and their data needs a registry: the recorded cases show it.
    if (manifest.configDef.keys.has('schema.registry.url') || manifest.configDef.keys.has('schemaAutoRegistrationEnabled')) return;
    const header = headerConverterManifests.find(({ className }) => className === manifest.className)!;

    expect(await header.load()).toBe(await manifest.load());
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('example: $summary', async ({ config, schema, value, want, readBack }) => {
    const converter = new (await manifest.load())() as Converter;
    converter.configure(config, false);
    const expected = readBack ?? { schema, value };

    const bytes = Buffer.from((await converter.fromConnectData('orders', schema, value))!);
    const read = await converter.toConnectData('orders', bytes);

    expect('text' in want ? bytes.toString('utf8') : bytes.toString('hex')).toBe('text' in want ? want.text : want.hex);
    expect(encodeSchema(read.schema)).toEqual(encodeSchema(expected.schema));
    expect(encodeValue(read.value, read.schema)).toEqual(encodeValue(expected.value, expected.schema));
  });
});
