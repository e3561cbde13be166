import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { jsonSchemaProvider } from '../../../lib/converters/json-schema/json-schema-provider.ts';
import { JsonSchemaConverter } from '../../../lib/converters/json-schema-converter.ts';
import { protobufProvider } from '../../../lib/converters/protobuf/protobuf-provider.ts';
import { ProtobufConverter } from '../../../lib/converters/protobuf-converter.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import type { SchemaKind } from '../../../lib/registry/schema-registry.ts';
import { ManualClock } from '../../support/processing/record-path.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';

const ORDER = SchemaBuilder.struct().name('Order').field('id', INT64_SCHEMA).build();
const WIDER = SchemaBuilder.struct().name('Order').field('id', INT64_SCHEMA).field('note', OPTIONAL_STRING_SCHEMA).build();
const LATEST = { 'use.latest.version': 'true' };
const MAKE: Readonly<Record<SchemaKind, () => Converter>> = {
  AVRO: () => new AvroConverter(),
  JSON: () => new JsonSchemaConverter(),
  PROTOBUF: () => new ProtobufConverter(),
};
const rule = (mode: string, more: object = {}) => ({ name: 'hide', kind: 'TRANSFORM', type: 'ENCRYPT', mode, ...more });

let registry: RunningRegistry;
beforeEach(async () => {
  registry = await startRegistry({ providers: [jsonSchemaProvider, protobufProvider] as unknown as SchemaProvider<ParsedSchema>[] });
  registry.store.setLevel('', 'NONE');
});
afterEach(() => registry.stop());

describe.each(['AVRO', 'JSON', 'PROTOBUF'] as const)('%s', (kind) => {
  function converter(more: Readonly<Record<string, string>> = {}, made: Converter = MAKE[kind]()): Converter {
    made.configure({ 'schema.registry.url': registry.url, 'max.retries': '0', ...more }, false);
    return made;
  }
  const written = async (schema = ORDER) =>
    (await converter().fromConnectData('orders', schema, new Struct(schema).put('id', 7n))) as Uint8Array;
  /** Gives a version that is there the rules it would have been registered with. */
  const setRules = (version: number, ruleSet: object) => {
    const at = registry.store.entries.findIndex((entry) => entry.version === version);
    registry.store.entries[at] = { ...registry.store.entries[at]!, ruleSet: ruleSet as Record<string, unknown> };
  };

  it('is read as the latest version with use.latest.version, as it was written without', async () => {
    const old = await written();
    await written(WIDER);
    const plain = await converter().toConnectData('orders', old);
    expect(plain.schema?.fields?.map(({ name }) => name)).toEqual(['id']);
    const { schema, value } = await converter(LATEST).toConnectData('orders', old);
    expect(schema?.fields?.map(({ name }) => name)).toEqual(['id', 'note']);
    expect([(value as Struct).get('id'), (value as Struct).get('note')]).toEqual([7n, kind === 'PROTOBUF' ? '' : null]);
  });

  it('is not asked for again while the latest version is remembered', async () => {
    const old = await written();
    await written(WIDER);
    const reader = converter(LATEST);
    await reader.toConnectData('orders', old);
    const asked = registry.requests.length;
    expect(reader.toConnectData('orders', old)).not.toBeInstanceOf(Promise);
    expect(registry.requests.length).toBe(asked);
  });

  it('a rule that would change what is written or read is refused', async () => {
    const bytes = await written();
    setRules(1, { domainRules: [rule('WRITEREAD')] });
    const known = registry.store.entries.length;
    const cause = { message: 'Rule failed: hide', cause: { message: expect.stringContaining('rule executor of type ENCRYPT') } };
    for (const config of [{}, LATEST]) {
      const reading = converter(config).toConnectData('orders', bytes);
      await expect(reading).rejects.toMatchObject({ name: 'DataException', cause });
    }
    const lookUp = { 'auto.register.schemas': 'false' };
    const configs: readonly Readonly<Record<string, string>>[] = [{}, { ...lookUp, ...LATEST }, lookUp];
    for (const config of configs) {
      const writing = converter(config).fromConnectData('orders', ORDER, new Struct(ORDER).put('id', 7n));
      // what is registered again, or looked up by its text, comes back with its rules
      await expect(writing).rejects.toMatchObject({ name: 'DataException', cause });
    }
    expect(registry.store.entries.length).toBe(known);
  });

  it('rules for the other direction, and disabled ones, stop nothing', async () => {
    const bytes = await written();
    setRules(1, { domainRules: [rule('WRITE')], encodingRules: [rule('READ', { disabled: true })], enableAt: null });
    expect(((await converter().toConnectData('orders', bytes)).value as Struct).get('id')).toBe(7n);
  });

  it('a migration between the version written and the latest is refused where it would be needed', async () => {
    const old = await written();
    await written(WIDER);
    setRules(2, { migrationRules: [rule('UPGRADE', { type: 'JSONATA' })] });
    await expect(converter(LATEST).toConnectData('orders', old)).rejects.toMatchObject({ cause: { message: 'Rule failed: hide' } });
    expect(((await converter().toConnectData('orders', old)).value as Struct).get('id')).toBe(7n);
  });

  it('a registry that is down when the latest version is asked for is an outage', async () => {
    const old = await written();
    await written(WIDER);
    const reader = converter(LATEST);
    registry.failWith(503);
    await expect(reader.toConnectData('orders', old)).rejects.toMatchObject({ retriable: true });
    registry.failWith(null);
    expect(((await reader.toConnectData('orders', old)).value as Struct).get('id')).toBe(7n);
  });
});

describe('Avro read as the latest version', () => {
  it('asks again after latest.cache.ttl.sec', async () => {
    const clock = new ManualClock();
    const config = { 'schema.registry.url': registry.url, ...LATEST, 'latest.cache.ttl.sec': '10' };
    const writer = new AvroConverter();
    writer.configure({ 'schema.registry.url': registry.url }, false);
    const old = (await writer.fromConnectData('orders', ORDER, new Struct(ORDER).put('id', 7n))) as Uint8Array;
    const reader = new AvroConverter(clock);
    reader.configure(config, false);
    const fields = async () => (await reader.toConnectData('orders', old)).schema?.fields?.length;
    expect(await fields()).toBe(1);
    await writer.fromConnectData('orders', WIDER, new Struct(WIDER).put('id', 7n));
    expect(await fields()).toBe(1);
    clock.time += 10_000;
    expect(await fields()).toBe(2);
  });
});
