import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AWSKafkaAvroConverter } from '../../../lib/converters/glue-avro-converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { type RunningGlue, startGlue } from '../../support/registry/start-glue.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const ORDER = SchemaBuilder.struct().name('shop.Order').field('id', INT64_SCHEMA).build();
const order = (id: bigint) => new Struct(ORDER).put('id', id);

describe('AWSKafkaAvroConverter', () => {
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

  function converter(more: Readonly<Record<string, string>> = {}): AWSKafkaAvroConverter {
    const made = new AWSKafkaAvroConverter();
    made.configure({ region: 'eu-west-1', endpoint: glue.url, schemaAutoRegistrationEnabled: 'true', ...more }, false);
    return made;
  }

  it.each(['NONE', 'ZLIB'])('writes and reads, compression %s', async (compression) => {
    const writer = converter({ compression, schemaName: `orders-${compression}` });
    const bytes = (await writer.fromConnectData('orders', ORDER, order(2n ** 53n + 1n))) as Uint8Array;
    expect([...bytes.subarray(0, 2)]).toEqual([3, compression === 'ZLIB' ? 5 : 0]);
    const version = glue.versions.at(-1);
    expect(Buffer.from(bytes.subarray(2, 18)).toString('hex')).toBe(version?.id.replaceAll('-', ''));
    expect(version?.schema).toBe(`orders-${compression}`);
    // known now: converted at once
    expect(writer.fromConnectData('orders', ORDER, order(1n))).toBeInstanceOf(Uint8Array);
    const { schema, value } = await converter().toConnectData('orders', bytes);
    expect(schema?.name).toBe('shop.Order');
    expect((value as Struct).get('id')).toBe(2n ** 53n + 1n);
  });

  it('makes the schema, then versions of it', async () => {
    const from = glue.actions.length;
    const writer = converter();
    await writer.fromConnectData('two', ORDER, order(1n));
    const wider = SchemaBuilder.struct().name('shop.Order').field('id', INT64_SCHEMA).field('n', INT64_SCHEMA).build();
    await writer.fromConnectData('two', wider, new Struct(wider).put('id', 1n).put('n', 2n));
    expect(glue.actions.slice(from)).toEqual([
      'GetSchemaByDefinition',
      'RegisterSchemaVersion',
      'CreateSchema',
      'GetSchemaByDefinition',
      'RegisterSchemaVersion',
    ]);
  });

  it('registers nothing where that is not allowed', async () => {
    const known = glue.versions.length;
    const refused = converter({ schemaAutoRegistrationEnabled: 'false' }).fromConnectData('never', ORDER, order(1n));
    await expect(refused).rejects.toMatchObject({ name: 'DataException', cause: { message: expect.stringContaining('not enabled') } });
    expect(glue.versions.length).toBe(known);
  });

  it('tells bad data, an outage and refused credentials apart', async () => {
    const unknown = new Uint8Array([3, 0, ...new Array(16).fill(7), 2]);
    await expect(converter().toConnectData('t', unknown)).rejects.toMatchObject({ name: 'DataException', retriable: false });
    expect(() => converter().toConnectData('t', new Uint8Array(20))).toThrow(/serialization error/);
    glue.failWith(500);
    await expect(converter().toConnectData('t', unknown)).rejects.toMatchObject({ name: 'RetriableException', retriable: true });
    glue.failWith(null);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
    const stranger = converter();
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
    await expect(stranger.toConnectData('t', unknown)).rejects.toMatchObject({ name: 'ConfigException' });
  });
});
