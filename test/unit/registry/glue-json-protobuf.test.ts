import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GlueJsonSchemaConverter } from '../../../lib/converters/glue-json-schema-converter.ts';
import { ProtobufSchemaConverter } from '../../../lib/converters/glue-protobuf-converter.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { BigDecimal, Decimal } from '../../../lib/core/data/decimal.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { BOOLEAN_SCHEMA, INT16_SCHEMA, INT64_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { type RunningGlue, startGlue } from '../../support/registry/start-glue.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const BUYER = SchemaBuilder.struct().name('shop.Buyer').field('name', STRING_SCHEMA).build();
const ORDER = SchemaBuilder.struct()
  .name('shop.Order')
  .field('id', INT64_SCHEMA)
  .field('note', OPTIONAL_STRING_SCHEMA)
  .field('buyer', BUYER)
  .field('tags', SchemaBuilder.map(STRING_SCHEMA, STRING_SCHEMA).build())
  .field('paid', BOOLEAN_SCHEMA)
  .build();
const order = (note: string | null) =>
  new Struct(ORDER)
    .put('id', 2n ** 53n + 1n)
    .put('note', note)
    .put('buyer', new Struct(BUYER).put('name', 'Åsa'))
    .put('tags', new Map([['colour', 'blå']]))
    .put('paid', true);

describe.each([
  ['JSON', () => new GlueJsonSchemaConverter()],
  ['PROTOBUF', () => new ProtobufSchemaConverter()],
] as const)('%s with AWS Glue', (format, make) => {
  let glue: RunningGlue;
  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', '');
    glue = await startGlue(CREDENTIALS, 'eu-west-1');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await glue.stop();
  });

  function converter(more: Readonly<Record<string, string>> = {}): Converter {
    const made = make();
    made.configure({ region: 'eu-west-1', endpoint: glue.url, schemaAutoRegistrationEnabled: 'true', ...more }, false);
    return made;
  }

  it.each(['NONE', 'ZLIB'])('writes and reads, compression %s', async (compression) => {
    const writer = converter({ compression, schemaName: `orders-${compression}` });
    for (const note of ['x', null]) {
      const bytes = (await writer.fromConnectData('orders', ORDER, order(note))) as Uint8Array;
      expect([...bytes.subarray(0, 2)]).toEqual([3, compression === 'ZLIB' ? 5 : 0]);
      const version = glue.versions.at(-1);
      expect(Buffer.from(bytes.subarray(2, 18)).toString('hex')).toBe(version?.id.replaceAll('-', ''));
      expect(version).toMatchObject({ schema: `orders-${compression}`, format });
      const { value } = await converter().toConnectData('orders', bytes);
      const struct = value as Struct;
      expect([struct.get('id'), struct.get('note'), struct.get('paid')]).toEqual([2n ** 53n + 1n, note, true]);
      expect((struct.get('buyer') as Struct).get('name')).toBe('Åsa');
      expect(struct.get('tags')).toEqual(new Map([['colour', 'blå']]));
    }
    // known now: converted at once
    expect(writer.fromConnectData('orders', ORDER, order('y'))).toBeInstanceOf(Uint8Array);
  });

  it('has tombstones, and refuses other nulls and data without a schema', async () => {
    const optional = SchemaBuilder.struct().optional().name('shop.Maybe').field('id', INT64_SCHEMA).build();
    expect(await converter().fromConnectData('t', optional, null)).toBeNull();
    expect(await converter().fromConnectData('t', null, null)).toBeNull();
    expect(await converter().toConnectData('t', null)).toEqual({ schema: null, value: null });
    const known = glue.versions.length;
    await expect(async () => converter().fromConnectData('never', ORDER, null)).rejects.toMatchObject({ name: 'DataException' });
    await expect(async () => converter().fromConnectData('never', null, new Map())).rejects.toMatchObject({ name: 'DataException' });
    expect(glue.versions.length).toBe(known);
  });

  it('tells bad data and an outage apart', async () => {
    const bytes = (await converter().fromConnectData('broken', ORDER, order('x'))) as Uint8Array;
    await expect(converter().toConnectData('t', bytes.subarray(0, bytes.length - 3))).rejects.toMatchObject({ name: 'DataException' });
    const other = format === 'JSON' ? new ProtobufSchemaConverter() : new GlueJsonSchemaConverter();
    other.configure({ region: 'eu-west-1', endpoint: glue.url }, false);
    await expect(other.toConnectData('t', bytes)).rejects.toThrow(new RegExp(`of format ${format}`));
    glue.failWith(503);
    await expect(converter().toConnectData('t', bytes)).rejects.toMatchObject({ name: 'RetriableException', retriable: true });
    glue.failWith(null);
  });

  it('writes the bytes that AWS publishes', async () => {
    const writer = converter();
    const bytes = (await writer.fromConnectData('bytes', BUYER, new Struct(BUYER).put('name', 'Bo'))) as Uint8Array;
    const packed = (await converter({ compression: 'ZLIB' }).fromConnectData('bytes', BUYER, new Struct(BUYER).put('name', 'Bo')))!;
    // JSON as it is; Protobuf after the index of the message in its file
    const payload = format === 'JSON' ? Buffer.from('{"name":"Bo"}') : Buffer.from([0, 0x0a, 2, 0x42, 0x6f]);
    expect(Buffer.from(bytes.subarray(18))).toEqual(payload);
    expect(inflateSync(packed.subarray(18))).toEqual(payload);
  });
});

describe('Protobuf with AWS Glue', () => {
  it("knows no files of Confluent's: narrow integers become int32, decimals are refused", async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    const glue = await startGlue(credentials, 'eu-west-1');
    try {
      const made = new ProtobufSchemaConverter();
      made.configure({ region: 'eu-west-1', endpoint: glue.url, schemaAutoRegistrationEnabled: 'true' }, false);
      const narrow = SchemaBuilder.struct().name('shop.Narrow').version(3).field('n', INT16_SCHEMA).build();
      const bytes = (await made.fromConnectData('narrow', narrow, new Struct(narrow).put('n', -7))) as Uint8Array;
      expect(glue.versions.at(-1)?.definition).not.toContain('confluent');
      const { value } = await made.toConnectData('narrow', bytes);
      expect((value as Struct).get('n')).toBe(-7);
      const priced = SchemaBuilder.struct().name('shop.Priced').field('price', Decimal.schema(2)).build();
      const refused = made.fromConnectData('priced', priced, new Struct(priced).put('price', new BigDecimal(1n, 2)));
      await expect(refused).rejects.toThrow(/confluent\/type\/decimal.proto/);
    } finally {
      await glue.stop();
      vi.unstubAllEnvs();
    }
  });

  it('counts messages by their full names, nested ones and entries of maps too', async () => {
    const { parseProto } = await import('../../../lib/formats/protobuf/parse-proto.ts');
    const { glueIndexPrefix, glueMessageNames, readGlueIndex } = await import('../../../lib/converters/glue/glue-message-index.ts');
    const file = parseProto(
      'syntax = "proto3"; package p; message Zoo { message Ape {} map<string, string> tags = 1; } message Bee {} message Ant {}',
    );
    expect(glueMessageNames(file)).toEqual(['p.Ant', 'p.Bee', 'p.Zoo', 'p.Zoo.Ape', 'p.Zoo.tagsEntry']);
    expect([...glueIndexPrefix(file, 'p.Zoo')]).toEqual([2]);
    expect(readGlueIndex(Uint8Array.of(0xac, 0x02, 9))).toEqual({ index: 300, offset: 2 });
    expect(() => readGlueIndex(Uint8Array.of(0x80))).toThrow(/message index/);
  });
});
