import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonSchemaProvider } from '../../../lib/converters/json-schema/json-schema-provider.ts';
import { JsonSchemaConverter } from '../../../lib/converters/json-schema-converter.ts';
import { protobufProvider } from '../../../lib/converters/protobuf/protobuf-provider.ts';
import { ProtobufConverter } from '../../../lib/converters/protobuf-converter.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { BOOLEAN_SCHEMA, FLOAT64_SCHEMA, INT64_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import { fromBase64, inBase64, PythonJudge, pythonJudgeUnavailable } from '../../support/registry/python-judge.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';

const unavailable = pythonJudgeUnavailable();
if (unavailable !== null) console.log(`skipped: ${unavailable}`);

const ORDER = SchemaBuilder.struct()
  .name('shop.Order')
  .field('id', INT64_SCHEMA)
  .field('note', STRING_SCHEMA)
  .field('price', FLOAT64_SCHEMA)
  .field('tags', SchemaBuilder.array(STRING_SCHEMA).build())
  .field('paid', BOOLEAN_SCHEMA)
  .build();
const order = () =>
  new Struct(ORDER).put('id', 9007199254740993n).put('note', 'blå 😀').put('price', -0.1).put('tags', ['a', '']).put('paid', true);

describe.skipIf(unavailable !== null)("JSON Schema and Protobuf with Confluent's Python client", { timeout: 120_000 }, () => {
  let registry: RunningRegistry;
  let judge: PythonJudge;

  beforeAll(async () => {
    registry = await startRegistry({ providers: [jsonSchemaProvider, protobufProvider] as unknown as SchemaProvider<ParsedSchema>[] });
    judge = new PythonJudge(registry.url, undefined, join(import.meta.dirname, 'json_protobuf_judge.py'));
  });
  afterAll(async () => {
    judge.stop();
    await registry.stop();
  });

  function configured(converter: Converter): Converter {
    converter.configure({ 'schema.registry.url': registry.url }, false);
    return converter;
  }

  it('reads what JsonSchemaConverter writes, and validates it', async () => {
    const bytes = (await configured(new JsonSchemaConverter()).fromConnectData('json-a', ORDER, order()))!;
    const read = await judge.ask({ do: 'read-json', topic: 'json-a', value: inBase64(bytes) });

    expect(read.ok).toMatchObject({ note: 'blå 😀', price: -0.1, tags: ['a', ''], paid: true });
  });

  it('writes what JsonSchemaConverter reads', async () => {
    const schema = JSON.stringify({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Order',
      type: 'object',
      properties: { id: { type: 'integer' }, note: { oneOf: [{ type: 'null' }, { type: 'string' }] } },
      required: ['id'],
    });
    const written = await judge.ask({ do: 'write-json', topic: 'json-b', schema, value: { id: 7, note: null } });
    const read = await configured(new JsonSchemaConverter()).toConnectData('json-b', fromBase64(written.ok));

    expect(read.schema?.name).toBe('Order');
    expect((read.value as Struct).get('id')).toBe(7n);
    expect((read.value as Struct).get('note')).toBeNull();
  });

  it('reads what ProtobufConverter writes', async () => {
    const bytes = (await configured(new ProtobufConverter()).fromConnectData('proto-a', ORDER, order()))!;
    const read = await judge.ask({ do: 'read-protobuf', topic: 'proto-a', value: inBase64(bytes) });

    expect(read).toEqual({ ok: { id: '9007199254740993', note: 'blå 😀', price: -0.1, tags: ['a', ''], paid: true } });
  });

  it('writes what ProtobufConverter reads, with a descriptor in the registry', async () => {
    const value = { id: '-9223372036854775808', note: 'ö', price: 2.5, tags: ['x', 'y'], paid: false };
    const written = await judge.ask({ do: 'write-protobuf', topic: 'proto-b', value });
    expect(written.error).toBeUndefined();
    const read = await configured(new ProtobufConverter()).toConnectData('proto-b', fromBase64(written.ok));
    const struct = read.value as Struct;

    expect(read.schema?.name).toBe('Order');
    expect(struct.get('id')).toBe(-9223372036854775808n);
    expect(struct.get('note')).toBe('ö');
    expect(struct.get('price')).toBe(2.5);
    expect(struct.get('tags')).toEqual(['x', 'y']);
    expect(struct.get('paid')).toBe(false);
  });
});
