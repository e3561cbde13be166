import { AvroConverter } from '../../lib/converters/avro-converter.ts';
import { jsonSchemaProvider } from '../../lib/converters/json-schema/json-schema-provider.ts';
import { JsonSchemaConverter } from '../../lib/converters/json-schema-converter.ts';
import { protobufProvider } from '../../lib/converters/protobuf/protobuf-provider.ts';
import { ProtobufConverter } from '../../lib/converters/protobuf-converter.ts';
import type { Converter } from '../../lib/core/converter.ts';
import { ConnectTimestamp } from '../../lib/core/data/logical.ts';
import { SchemaBuilder } from '../../lib/core/data/schema-builder.ts';
import {
  BOOLEAN_SCHEMA,
  FLOAT64_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  STRING_SCHEMA,
} from '../../lib/core/data/schemas.ts';
import { Struct } from '../../lib/core/data/struct.ts';
import type { ParsedSchema, SchemaProvider } from '../../lib/registry/parsed-schema.ts';
import { startRegistry } from '../../test/support/registry/start-registry.ts';

const RECORDS = 100_000;
const ROUNDS = 5;
const INPUTS = 1_000;
const ORDER = SchemaBuilder.struct()
  .name('shop.Order')
  .field('id', INT64_SCHEMA)
  .field('customer', STRING_SCHEMA)
  .field('note', OPTIONAL_STRING_SCHEMA)
  .field('quantity', INT32_SCHEMA)
  .field('price', FLOAT64_SCHEMA)
  .field('paid', BOOLEAN_SCHEMA)
  .field('created', ConnectTimestamp.SCHEMA)
  .build();
const MADE: Readonly<Record<string, () => Converter>> = {
  AvroConverter: () => new AvroConverter(),
  JsonSchemaConverter: () => new JsonSchemaConverter(),
  ProtobufConverter: () => new ProtobufConverter(),
};

function order(i: number): Struct {
  return new Struct(ORDER)
    .put('id', BigInt(1_000_000 + i))
    .put('customer', `Customer ${i % 1000}`)
    .put('note', i % 3 === 0 ? null : 'deliver to the back door')
    .put('quantity', i % 17)
    .put('price', (i % 10_000) / 100)
    .put('paid', i % 2 === 0)
    .put('created', new Date(1_709_210_096_789 + i * 1000));
}

/** Records per second of processor time (user and system, garbage collection included), the median of several rounds after one to warm up. */
function rate(once: (i: number) => unknown): number {
  const rates: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < RECORDS; i++) once(i % INPUTS);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) rates.push(RECORDS / ((user + system) / 1e6));
  }
  return Math.round(rates.sort((a, b) => a - b)[ROUNDS >> 1]!);
}

/** The converters with a registry, in each direction, for a value of seven fields whose schema is known already. */
export async function converterScenario(): Promise<Readonly<Record<string, unknown>>[]> {
  const registry = await startRegistry({ providers: [jsonSchemaProvider, protobufProvider] as unknown as SchemaProvider<ParsedSchema>[] });
  const lines: Readonly<Record<string, unknown>>[] = [];
  try {
    const orders = Array.from({ length: INPUTS }, (_, i) => order(i));
    for (const [name, make] of Object.entries(MADE)) {
      const converter = make();
      converter.configure({ 'schema.registry.url': registry.url }, false);
      const messages: Uint8Array[] = [];
      for (const each of orders) messages.push((await converter.fromConnectData(name, ORDER, each))!);
      await converter.toConnectData(name, messages[0]!);
      lines.push({ converter: name, path: 'write', recordsPerSecond: rate((i) => converter.fromConnectData(name, ORDER, orders[i])) });
      lines.push({ converter: name, path: 'read', recordsPerSecond: rate((i) => converter.toConnectData(name, messages[i]!)) });
    }
  } finally {
    await registry.stop();
  }
  return lines;
}
