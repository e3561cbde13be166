import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { BigDecimal, Decimal } from '../../../lib/core/data/decimal.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, OPTIONAL_STRING_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { AvroData } from '../../../lib/formats/avro/avro-data.ts';
import { AvroDecoder } from '../../../lib/formats/avro/avro-decoder.ts';
import { avroSchemaText } from '../../../lib/formats/avro/avro-schema-text.ts';
import { AvroContainerReader } from '../../../lib/formats/avro/container-reader.ts';
import { AvroContainerWriter } from '../../../lib/formats/avro/container-writer.ts';
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

describe.skipIf(unavailable !== null)("Confluent's Python client and fastavro", { timeout: 120_000 }, () => {
  let registry: RunningRegistry;
  let judge: PythonJudge;

  beforeAll(async () => {
    registry = await startRegistry({ userInfo: 'ann:secret' });
    judge = new PythonJudge(registry.url, 'ann:secret');
  });
  afterAll(async () => {
    judge.stop();
    await registry.stop();
  });

  function converter(): AvroConverter {
    const made = new AvroConverter();
    made.configure(
      { 'schema.registry.url': registry.url, 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': 'ann:secret' },
      false,
    );
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
