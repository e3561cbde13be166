import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AvroConverter } from '../../../lib/converters/avro-converter.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';

const V1 = SchemaBuilder.struct().name('shop.Order').field('id', INT32_SCHEMA).build();
const V2 = SchemaBuilder.struct().name('shop.Order').field('id', STRING_SCHEMA).build();
const FAST = { 'retries.wait.ms': '1', 'retries.max.wait.ms': '2' };

describe('AvroConverter and a registry that fails', () => {
  let registry: RunningRegistry;
  beforeEach(async () => {
    registry = await startRegistry();
  });
  afterEach(() => registry.stop());

  function converter(more: Readonly<Record<string, string>> = {}): AvroConverter {
    const made = new AvroConverter();
    made.configure({ 'schema.registry.url': registry.url, ...FAST, ...more }, false);
    return made;
  }

  const first = (made: AvroConverter) => made.fromConnectData('orders', V1, new Struct(V1).put('id', 1));

  it('takes the next URL where one cannot be reached', async () => {
    const bytes = await first(converter({ 'schema.registry.url': `http://127.0.0.1:1,${registry.url}`, 'max.retries': '1' }));
    expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 1, 2));
  });

  it.each([500, 502, 503, 429])('calls an answer %d an outage, and goes on afterwards', async (status) => {
    const made = converter();
    registry.failWith(status);
    await expect(first(made)).rejects.toMatchObject({ name: 'RetriableException', retriable: true });
    expect(registry.requests.filter((request) => request.startsWith('GET /associations')).length).toBe(4);
    registry.failWith(null);
    expect(await first(made)).toEqual(Uint8Array.of(0, 0, 0, 0, 1, 2));
  });

  it('calls a registry that is gone an outage', async () => {
    const made = converter({ 'schema.registry.url': 'http://127.0.0.1:1' });
    await expect(first(made)).rejects.toMatchObject({ name: 'NetworkException', retriable: true });
  });

  it('calls refused credentials a mistake of the configuration', async () => {
    const made = converter();
    registry.failWith(401);
    await expect(first(made)).rejects.toMatchObject({ name: 'ConfigException', retriable: false });
  });

  it('calls an incompatible schema bad data, with the registry’s words as cause', async () => {
    const made = converter();
    await first(made);
    const refused = made.fromConnectData('orders', V2, new Struct(V2).put('id', 'x'));
    await expect(refused).rejects.toMatchObject({
      name: 'DataException',
      retriable: false,
      cause: { cause: { errorCode: 409, message: expect.stringContaining('incompatible with an earlier schema') } },
    });
  });

  it('refuses two types of one name, and registers nothing', async () => {
    const map = (value: typeof INT32_SCHEMA) => SchemaBuilder.map(INT32_SCHEMA, value).build();
    const schema = SchemaBuilder.struct().name('Two').field('a', map(INT32_SCHEMA)).field('b', map(STRING_SCHEMA)).build();
    const value = new Struct(schema).put('a', new Map([[1, 2]])).put('b', new Map([[1, 'x']]));
    await expect(converter().fromConnectData('orders', schema, value)).rejects.toMatchObject({
      name: 'DataException',
      cause: { cause: { message: "Can't redefine: io.confluent.connect.avro.MapEntry" } },
    });
    expect(registry.store.entries).toEqual([]);
    const same = SchemaBuilder.struct().name('Two').field('a', map(INT32_SCHEMA)).field('b', map(INT32_SCHEMA)).build();
    const maps = new Struct(same).put('a', new Map([[1, 2]])).put('b', new Map([[3, 4]]));
    expect(await converter().fromConnectData('orders', same, maps)).toBeInstanceOf(Uint8Array);
  });

  it('calls an unknown id bad data', async () => {
    const unknown = converter().toConnectData('orders', Uint8Array.of(0, 0, 0, 0, 99, 2));
    await expect(unknown).rejects.toMatchObject({ name: 'DataException', cause: { cause: { errorCode: 40403 } } });
  });

  it('asks once, then answers without a promise', async () => {
    const made = converter();
    const bytes = (await first(made)) as Uint8Array;
    const asked = registry.requests.length;
    expect(first(made)).toBeInstanceOf(Uint8Array);
    await made.toConnectData('orders', bytes);
    const afterReading = registry.requests.length;
    expect(made.toConnectData('orders', bytes)).not.toBeInstanceOf(Promise);
    expect([asked, afterReading, registry.requests.length]).toEqual([2, 4, 4]);
  });

  it('asks for the latest version again after its time', async () => {
    await first(converter());
    let now = 1_000_000;
    const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
    const made = new AvroConverter(clock);
    const latest = { 'auto.register.schemas': 'false', 'use.latest.version': 'true', 'latest.cache.ttl.sec': '60' };
    made.configure({ 'schema.registry.url': registry.url, ...latest }, false);
    const asked = () => registry.requests.filter((request) => request.endsWith('/versions/latest')).length;
    await first(made);
    await first(made);
    expect(asked()).toBe(1);
    // as after a freeze
    now += 61_000;
    await first(made);
    expect(asked()).toBe(2);
  });

  it.each([
    [{ 'bearer.auth.credentials.source': 'CUSTOM' }, /STATIC_TOKEN and OAUTHBEARER/],
    [{ 'rule.executors': 'encrypt' }, /rule.executors/],
    [{ 'schema.registry.url': 'registry:8081' }, /http:\/\/ or https:\/\//],
    [{ 'basic.auth.credentials.source': 'SASL_INHERIT' }, /sasl.jaas.config/],
    [{ 'schema.registry.ssl.keystore.location': '/k.jks' }, /PEM and PKCS12/],
  ])('refuses what it cannot do: %o', (more, message) => {
    expect(() => converter(more as unknown as Readonly<Record<string, string>>)).toThrow(message);
  });
});
