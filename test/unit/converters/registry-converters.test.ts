import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonSchemaConverter } from '../../../lib/converters/json-schema-converter.ts';
import { ProtobufConverter } from '../../../lib/converters/protobuf-converter.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { type CannedResponse, CaseRegistry, type CaseSchema } from '../../conformance/registry/case-registry.ts';

const SCHEMA = SchemaBuilder.struct().name('shop.Order').field('id', INT64_SCHEMA).build();
const ORDER = new Struct(SCHEMA).put('id', 7n);
const BOUNDED: CaseSchema = {
  subject: 't-value',
  version: 1,
  id: 5,
  schemaType: 'JSON',
  schema: '{"type":"object","properties":{"id":{"type":"integer","connect.type":"int64","maximum":5}},"required":["id"]}',
};
const TWO_FILES: CaseSchema[] = [
  {
    subject: 'money.proto',
    version: 1,
    id: 3,
    schemaType: 'PROTOBUF',
    schema: 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }',
  },
  {
    subject: 't-value',
    version: 1,
    id: 4,
    schemaType: 'PROTOBUF',
    schema: 'syntax = "proto3"; package shop; import "money.proto"; message Order { int64 id = 1; Money price = 2; }',
    references: [{ name: 'money.proto', subject: 'money.proto', version: 1 }],
  },
];
const DOWN: CannedResponse = {
  method: 'POST',
  path: '/subjects/t-value/versions',
  status: 503,
  body: '{"error_code":503,"message":"down"}',
};

let registry: CaseRegistry;

async function use(before: readonly CaseSchema[], responses: readonly CannedResponse[] = []): Promise<void> {
  registry = await new CaseRegistry(before, responses, []).start();
}

function configured(converter: Converter, config: Readonly<Record<string, string>> = {}): Converter {
  converter.configure({ 'schema.registry.url': registry.url, 'max.retries': '0', ...config }, false);
  return converter;
}

const framed = (id: number, ...payload: readonly number[]) => Uint8Array.of(0, 0, 0, 0, id, ...payload);
const json = (id: number, text: string) => framed(id, ...Buffer.from(text));

/** What a conversion, which may answer at once or later, throws. */
async function failureOf(run: () => unknown): Promise<Error & { retriable: boolean }> {
  try {
    await run();
  } catch (error) {
    return error as Error & { retriable: boolean };
  }
  throw new Error('nothing was thrown');
}

describe.each([
  ['JsonSchemaConverter', () => new JsonSchemaConverter()],
  ['ProtobufConverter', () => new ProtobufConverter()],
] as const)('%s', (_name, make) => {
  afterEach(() => registry.stop());

  it('takes a registry that is down for an outage, and writes once it is back', async () => {
    await use([], [{ ...DOWN, times: 1 }]);
    const converter = configured(make());

    expect(await failureOf(() => converter.fromConnectData('t', SCHEMA, ORDER))).toMatchObject({
      name: 'RetriableException',
      retriable: true,
    });
    expect(await converter.fromConnectData('t', SCHEMA, ORDER)).toBeInstanceOf(Uint8Array);
  });

  it('takes an unknown id for bad data', async () => {
    await use([]);

    const failure = await failureOf(() => configured(make()).toConnectData('t', framed(77, 0)));
    expect(failure).toMatchObject({ name: 'DataException', retriable: false });
    expect((failure.cause as Error).cause).toMatchObject({ message: 'Schema 77 not found; error code: 40403' });
  });

  it('asks the registry once, then answers without a promise', async () => {
    await use([]);
    const converter = configured(make());
    const bytes = await converter.fromConnectData('t', SCHEMA, ORDER);
    await converter.toConnectData('t', bytes);
    const asked = registry.requests.length;

    expect(converter.fromConnectData('t', SCHEMA, ORDER)).toEqual(bytes);
    expect(converter.toConnectData('t', bytes)).toMatchObject({ schema: { type: 'STRUCT' } });
    expect(registry.requests.length).toBe(asked);
  });
});

describe('JSON documents that do not match their schema', () => {
  const validating = { 'json.fail.invalid.schema': 'true' };
  beforeEach(() => use([BOUNDED]));
  afterEach(() => registry.stop());

  it('are refused with every place when read', async () => {
    const failure = await failureOf(() => configured(new JsonSchemaConverter(), validating).toConnectData('t', json(5, '{"id":6}')));

    expect(failure.name).toBe('DataException');
    expect((failure.cause as Error).message).toBe('Validation error in JSON, Error report:\n#/id: 6 is not less or equal to 5');
  });

  it('are refused when written with a latest version that does not allow them', async () => {
    const latest = { 'auto.register.schemas': 'false', 'use.latest.version': 'true', 'latest.compatibility.strict': 'false' };
    const failure = await failureOf(() =>
      configured(new JsonSchemaConverter(), { ...validating, ...latest }).fromConnectData('t', SCHEMA, ORDER),
    );

    expect((failure.cause as Error).message).toContain('#/id: 7 is not less or equal to 5');
  });

  it('pass without the key', async () => {
    const { value } = await configured(new JsonSchemaConverter()).toConnectData('t', json(5, '{"id":6}'));

    expect((value as Struct).get('id')).toBe(6n);
  });

  it('that are broken are bad data', async () => {
    expect(await failureOf(() => configured(new JsonSchemaConverter()).toConnectData('t', json(5, '{"id":')))).toMatchObject({
      name: 'DataException',
      retriable: false,
    });
  });
});

describe('Protobuf messages', () => {
  beforeEach(() => use(TWO_FILES));
  afterEach(() => registry.stop());

  it('of a file that imports another one are read through its reference', async () => {
    const { value } = await configured(new ProtobufConverter()).toConnectData('t', framed(4, 0, 0x08, 1, 0x12, 2, 0x08, 5));

    expect(((value as Struct).get('price') as Struct).get('cents')).toBe(5n);
  });

  it('with an index that leads nowhere are bad data', async () => {
    const failure = await failureOf(() => configured(new ProtobufConverter()).toConnectData('t', framed(4, 2, 8, 0x08, 1)));

    expect(failure).toMatchObject({ name: 'DataException', retriable: false });
    expect((failure.cause as Error).cause).toMatchObject({ message: 'Invalid message indexes: [4]' });
  });

  it('that end too early are bad data, with the place', async () => {
    const failure = await failureOf(() => configured(new ProtobufConverter()).toConnectData('t', framed(4, 0, 0x12, 9, 0x08)));

    expect(failure.name).toBe('DataException');
    expect((failure.cause as Error).cause).toMatchObject({ message: 'the message ends at byte 3, but a field of 9 bytes begins at 2' });
  });
});
