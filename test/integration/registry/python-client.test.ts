import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { jsonSchemaProvider } from '../../../lib/converters/json-schema/json-schema-provider.ts';
import { BigDecimal, Decimal } from '../../../lib/core/data/decimal.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, INT64_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { AvroData } from '../../../lib/formats/avro/avro-data.ts';
import { AvroDecoder } from '../../../lib/formats/avro/avro-decoder.ts';
import { avroSchemaText } from '../../../lib/formats/avro/avro-schema-text.ts';
import { AvroContainerReader } from '../../../lib/formats/avro/container-reader.ts';
import { AvroContainerWriter } from '../../../lib/formats/avro/container-writer.ts';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import { fromBase64, inBase64, PythonJudge, pythonJudgeUnavailable } from '../../support/registry/python-judge.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';

const unavailable = pythonJudgeUnavailable();
if (unavailable !== null) console.log(`skipped: ${unavailable}`);

const ORDER = SchemaBuilder.struct()
  .name('shop.Order')
  .field('id', INT64_SCHEMA)
  .field('note', OPTIONAL_STRING_SCHEMA)
  .field('price', Decimal.schema(2))
  .field('tags', SchemaBuilder.map(STRING_SCHEMA, STRING_SCHEMA).build())
  .build();
const order = (id: bigint, note: string | null) =>
  new Struct(ORDER)
    .put('id', id)
    .put('note', note)
    .put('price', new BigDecimal(-12345n, 2))
    .put('tags', new Map([['colour', 'blå']]));
const PERSON = (type: string, more = '') => `{"type":"record","name":"Person","fields":[{"name":"id","type":"${type}"}${more}]}`;

/** Data of Connect as the judge shows its own. */
function plain(value: unknown): unknown {
  if (value instanceof Struct) return Object.fromEntries(value.schema.fields!.map(({ name }) => [name, plain(value.get(name))]));
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [key, plain(entry)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'bigint' ? Number(value) : value;
}

describe.skipIf(unavailable !== null)("Confluent's Python client and fastavro", { timeout: 120_000 }, () => {
  let registry: RunningRegistry;
  let judge: PythonJudge;

  beforeAll(async () => {
    registry = await startRegistry({
      userInfo: 'ann:secret',
      providers: [jsonSchemaProvider] as unknown as SchemaProvider<ParsedSchema>[],
    });
    judge = new PythonJudge(registry.url, 'ann:secret');
  });
  afterAll(async () => {
    judge.stop();
    await registry.stop();
  });

  function converter(more: Readonly<Record<string, string>> = {}): AvroConverter {
    const made = new AvroConverter();
    const access = { 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': 'ann:secret' };
    made.configure({ 'schema.registry.url': registry.url, ...access, ...more }, false);
    return made;
  }

  it('reads what AvroConverter writes', async () => {
    for (const [id, note] of [
      [9007199254740993n, 'x'],
      [-1n, null],
    ] as const) {
      const bytes = (await converter().fromConnectData('orders', ORDER, order(id, note))) as Uint8Array;
      const read = await judge.ask({ do: 'read', topic: 'orders', value: inBase64(bytes) });
      const shownId = id === -1n ? -1 : { int: '9007199254740993' };
      expect(read.ok).toEqual({ id: shownId, note, price: { decimal: '-123.45' }, tags: { colour: 'blå' } });
    }
  });

  it('writes what AvroConverter reads', async () => {
    const schema = avroSchemaText(new AvroData().fromConnectSchema(ORDER));
    const value = { id: { int: '-9223372036854775808' }, note: 'ö', price: { decimal: '0.10' }, tags: { a: 'b' } };
    const written = await judge.ask({ do: 'write', topic: 'orders-of-python', schema, value });
    const read = await converter().toConnectData('orders-of-python', fromBase64(written.ok));
    const struct = read.value as Struct;
    expect(struct.get('id')).toBe(-9223372036854775808n);
    expect(struct.get('note')).toBe('ö');
    expect(struct.get('price')).toEqual(new BigDecimal(10n, 2));
    expect(struct.get('tags')).toEqual(new Map([['a', 'b']]));
    expect(read.schema?.name).toBe('shop.Order');
  });

  it('finds the registry as it knows registries', async () => {
    const subject = 'people-value';
    expect((await judge.ask({ do: 'register', subject, schema: PERSON('int') })).ok).toBeTypeOf('number');
    expect((await judge.ask({ do: 'lookup', subject, schema: PERSON('int') })).ok).toBe(1);
    expect(await judge.ask({ do: 'lookup', subject: 'nobody', schema: PERSON('int') })).toMatchObject({ status: 404, code: 40401 });
    expect(await judge.ask({ do: 'register', subject, schema: PERSON('string') })).toMatchObject({ status: 409, code: 409 });
    expect(await judge.ask({ do: 'register', subject, schema: '{"type":"nothing"}' })).toMatchObject({ status: 422, code: 42201 });
    expect((await judge.ask({ do: 'compatible', subject, schema: PERSON('long') })).ok).toBe(true);
    const needed = PERSON('int', ',{"name":"name","type":"string"}');
    expect((await judge.ask({ do: 'compatible', subject, schema: needed })).ok).toBe(false);
    expect((await judge.ask({ do: 'set-compatibility', subject, level: 'FORWARD' })).ok).toBeTruthy();
    expect((await judge.ask({ do: 'register', subject, schema: needed })).ok).toBeTypeOf('number');
    expect((await judge.ask({ do: 'get-compatibility', subject })).ok).toBe('FORWARD');
    expect(await judge.ask({ do: 'set-compatibility', subject, level: 'SIDEWAYS' })).toMatchObject({ status: 422, code: 42203 });
    expect((await judge.ask({ do: 'versions', subject })).ok).toEqual([1, 2]);
    const references = [{ name: 'Person', subject, version: 1 }];
    const team = '{"type":"record","name":"Team","fields":[{"name":"lead","type":"Person"}]}';
    expect((await judge.ask({ do: 'register', subject: 'teams-value', schema: team, references })).ok).toBeTypeOf('number');
    expect(await judge.ask({ do: 'delete-version', subject, version: 1 })).toMatchObject({ status: 422, code: 42206 });
    expect((await judge.ask({ do: 'delete-subject', subject: 'teams-value' })).ok).toEqual([1]);
    expect(await judge.ask({ do: 'versions', subject: 'teams-value' })).toMatchObject({ status: 404, code: 40401 });
    expect((await judge.ask({ do: 'delete-subject', subject: 'teams-value', permanent: true })).ok).toEqual([1]);
    expect((await judge.ask({ do: 'delete-version', subject, version: 2 })).ok).toBe(2);
    expect((await judge.ask({ do: 'versions', subject })).ok).toEqual([1]);
  });

  it.each([
    [
      'fields added, dropped, moved and renamed',
      '{"type":"record","name":"R","fields":[{"name":"gone","type":{"type":"array","items":"string"}},{"name":"a","type":"int"},{"name":"b","type":["null","string"]}]}',
      '{"type":"record","name":"R","fields":[{"name":"second","aliases":["b"],"type":["null","string"]},{"name":"a","type":"long"},{"name":"fresh","type":"double","default":1.5},{"name":"list","type":{"type":"array","items":"int"},"default":[1,2]}]}',
      { gone: ['x', 'y'], a: -5, b: 'ö' },
    ],
    [
      'promotions',
      '{"type":"record","name":"R","fields":[{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"}]}',
      '{"type":"record","name":"R","fields":[{"name":"i","type":"double"},{"name":"l","type":"float"},{"name":"f","type":"double"}]}',
      { i: 3, l: -4, f: 0.5 },
    ],
    [
      'unions in another order, and a type made nullable',
      '{"type":"record","name":"R","fields":[{"name":"u","type":["int","null"]},{"name":"v","type":"int"}]}',
      '{"type":"record","name":"R","fields":[{"name":"u","type":["null","long"]},{"name":"v","type":["null","double"]}]}',
      { u: 7, v: 8 },
    ],
    [
      'an enum with a default, maps and nested records',
      '{"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},{"name":"m","type":{"type":"map","values":{"type":"record","name":"N","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}}}]}',
      '{"type":"record","name":"R","fields":[{"name":"m","type":{"type":"map","values":{"type":"record","name":"N","fields":[{"name":"y","type":"long"}]}}},{"name":"e","type":{"type":"enum","name":"E","symbols":["A","OTHER"],"default":"OTHER"}}]}',
      { e: 'B', m: { k: { x: 1, y: 2 } } },
    ],
    [
      'a record in itself',
      '{"type":"record","name":"R","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","R"]}]}',
      '{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]},{"name":"v","type":"long"}]}',
      { v: 1, next: { v: 2, next: null } },
    ],
  ])('reads as the latest version what we read as it: %s', async (name, writer, reader, value) => {
    const topic = `latest-${name.replaceAll(/[^a-z]+/g, '-')}`;
    await judge.ask({ do: 'set-compatibility', subject: `${topic}-value`, level: 'NONE' });
    const written = fromBase64((await judge.ask({ do: 'write', topic, schema: writer, value })).ok);
    expect((await judge.ask({ do: 'register', subject: `${topic}-value`, schema: reader })).ok).toBeTypeOf('number');
    const theirs = await judge.ask({ do: 'read', topic, value: inBase64(written), latest: true });
    expect(theirs.error).toBeUndefined();
    const ours = await converter({ 'use.latest.version': 'true' }).toConnectData(topic, written);

    expect(plain(ours.value)).toEqual(theirs.ok);
  });

  it('keeps modes and levels as it expects', async () => {
    const subject = 'guarded-value';
    const add = (schema: string, more: object = {}) => judge.ask({ do: 'register', subject, schema, ...more });
    const set = (level: string) => judge.ask({ do: 'set-compatibility', subject, level });
    expect((await add(PERSON('int'))).ok).toBeTypeOf('number');
    expect((await judge.ask({ do: 'set-mode', subject, mode: 'READONLY' })).ok).toBe('READONLY');
    expect(await add(PERSON('long'))).toMatchObject({ status: 422, code: 42205 });
    expect((await judge.ask({ do: 'lookup', subject, schema: PERSON('int') })).ok).toBe(1);
    expect(await judge.ask({ do: 'set-mode', subject, mode: 'IMPORT' })).toMatchObject({ status: 422, code: 42205 });
    expect((await judge.ask({ do: 'set-mode', subject, mode: 'IMPORT', force: true })).ok).toBe('IMPORT');
    // an import takes what no level would let through
    expect((await add(PERSON('string'))).ok).toBeTypeOf('number');
    expect((await judge.ask({ do: 'get-mode', subject })).ok).toBe('IMPORT');
    expect((await judge.ask({ do: 'set-mode', subject, mode: 'READWRITE' })).ok).toBe('READWRITE');
    expect(await judge.ask({ do: 'set-mode', subject, mode: 'SIDEWAYS' })).toMatchObject({ status: 422, code: 42204 });
    expect(await add(PERSON('boolean'))).toMatchObject({ status: 409, code: 409 });

    const other = 'levels-value';
    const next = (schema: string) => judge.ask({ do: 'register', subject: other, schema });
    const level = (name: string) => judge.ask({ do: 'set-compatibility', subject: other, level: name });
    const withField = (field: string) => PERSON('int', `,${field}`);
    expect((await next(PERSON('int'))).ok).toBeTypeOf('number');
    // FULL: a field may come and go only with a default
    await level('FULL');
    expect(await next(withField('{"name":"n","type":"string"}'))).toMatchObject({ status: 409 });
    expect((await next(withField('{"name":"n","type":"string","default":""}'))).ok).toBeTypeOf('number');
    expect((await next(withField('{"name":"m","type":"int","default":0}'))).ok).toBeTypeOf('number');
    // a name taken again with another type: fine after the latest version, not after all of them
    expect((await judge.ask({ do: 'compatible', subject: other, schema: withField('{"name":"n","type":"int","default":0}') })).ok).toBe(
      true,
    );
    await level('FULL_TRANSITIVE');
    expect(await next(withField('{"name":"n","type":"int","default":0}'))).toMatchObject({ status: 409 });
    await level('FULL');
    expect((await next(withField('{"name":"n","type":"int","default":0}'))).ok).toBeTypeOf('number');
    await level('BACKWARD_TRANSITIVE');
    expect(await next(withField('{"name":"m","type":"string","default":""}'))).toMatchObject({ status: 409 });
    await level('FORWARD_TRANSITIVE');
    expect(await next('{"type":"record","name":"Person","fields":[]}')).toMatchObject({ status: 409 });
    expect((await set('NONE')).ok).toBeTruthy();
    expect((await add('"string"')).ok).toBeTypeOf('number');
    // another kind of schema is never compatible
    await set('BACKWARD');
    expect(await add('{"type":"object"}', { schemaType: 'JSON' })).toMatchObject({ status: 409 });
  });

  it('keeps the rules it sets, which our converters refuse', async () => {
    const subject = 'ruled-value';
    const rules = [
      { name: 'hide', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'], params: { 'encrypt.kek.name': 'k' } },
    ];
    expect((await judge.ask({ do: 'register', subject, schema: PERSON('int'), rules })).ok).toBeTypeOf('number');
    const person = SchemaBuilder.struct().name('Person').field('id', INT32_SCHEMA).build();
    const writing = converter({ 'auto.register.schemas': 'false', 'use.latest.version': 'true' }).fromConnectData(
      'ruled',
      person,
      new Struct(person).put('id', 1),
    );
    await expect(writing).rejects.toMatchObject({ name: 'DataException', cause: { message: 'Rule failed: hide' } });
  });

  it.each(['null', 'deflate', 'snappy', 'zstandard'])('reads our container files: %s', async (codec) => {
    const data = new AvroData();
    const writer = new AvroContainerWriter(data.fromConnectSchema(ORDER), data.writer(ORDER), {
      codec,
      sync: new Uint8Array(16).fill(7),
      blockBytes: 300,
    });
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 50; i++) parts.push(writer.append(order(BigInt(i), `note ${i}`)) ?? new Uint8Array(0));
    parts.push(writer.finish());
    const read = await judge.ask({ do: 'read-container', value: inBase64(Buffer.concat(parts)) });
    expect(read.error).toBeUndefined();
    const { records } = read.ok as { records: readonly { id: number; note: string }[] };
    expect(records.map(({ id, note }) => [id, note])).toEqual(Array.from({ length: 50 }, (_, i) => [i, `note ${i}`]));
  });

  it.each(['null', 'deflate'])('writes container files that we read: %s', async (codec) => {
    const schema = PERSON('long', ',{"name":"name","type":["null","string"]}');
    const people = Array.from({ length: 3000 }, (_, i) => ({ id: i, name: i % 3 === 0 ? null : `p${i}` }));
    const written = fromBase64((await judge.ask({ do: 'write-container', schema, records: people, codec })).ok);
    const reader = new AvroContainerReader();
    const ids: unknown[] = [];
    // chunks that fit no boundary
    for (let at = 0; at < written.length; at += 777) {
      reader.push(written.subarray(at, at + 777));
      for (let block = reader.next(); block !== null; block = reader.next()) {
        const { read } = new AvroData().reader((reader.header as NonNullable<typeof reader.header>).schema);
        const from = new AvroDecoder().begin(block.content);
        for (let i = 0; i < block.count; i++) ids.push((read(from) as Struct).get('id'));
      }
    }
    reader.finish();
    expect(ids).toEqual(people.map(({ id }) => BigInt(id)));
  });
});
