import { JsonConverter } from '../../lib/converters/json-converter.ts';
import { BigDecimal, Decimal } from '../../lib/core/data/decimal.ts';
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
import { SinkRecord } from '../../lib/core/sink-record.ts';
import { CastValue } from '../../lib/transforms/cast.ts';
import { InsertFieldValue } from '../../lib/transforms/insert-field.ts';
import { ReplaceFieldValue } from '../../lib/transforms/replace-field.ts';

/**
 * Records per second of converting and transforming on one core, without any I/O: JSON without schemas read, through three transformations,
 * and written again; and JsonConverter with schemas in each direction for a value of seven fields. One JSON line per scenario; the median of
 * several rounds after a warm-up. `--records N`, `--rounds N` and `--only TEXT` change what is run.
 */
const argument = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const RECORDS = argument('records', 200_000);
const ROUNDS = argument('rounds', 5);
const ONLY = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1]! : '';

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
const WITH_DECIMAL = SchemaBuilder.struct().field('id', INT64_SCHEMA).field('amount', Decimal.schema(2)).build();

const order = (i: number): Struct =>
  new Struct(ORDER)
    .put('id', BigInt(1_000_000 + i))
    .put('customer', `Customer ${i % 1000}`)
    .put('note', i % 3 === 0 ? null : 'deliver to the back door')
    .put('quantity', i % 17)
    .put('price', (i % 10_000) / 100)
    .put('paid', i % 2 === 0)
    .put('created', new Date(1_709_210_096_789 + i * 1000));

const plainText = (i: number): string =>
  JSON.stringify({
    id: 1_000_000 + i,
    customer: `Customer ${i % 1000}`,
    note: i % 3 === 0 ? null : 'deliver to the back door',
    quantity: String(i % 17),
    price: (i % 10_000) / 100,
    paid: i % 2 === 0,
    created: 1_709_210_096_789 + i * 1000,
  });

/** Rates are per second of processor time (user and system, garbage collection included), which a busy machine does not change much. */
function measure(scenario: string, bar: number | null, once: (i: number) => unknown): void {
  if (!scenario.includes(ONLY)) return;
  for (let i = 0; i < RECORDS; i++) once(i);
  const rates: number[] = [];
  const wallRates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    for (let i = 0; i < RECORDS; i++) once(i);
    wallRates.push(RECORDS / (Number(process.hrtime.bigint() - start) / 1e9));
    const { user, system } = process.cpuUsage(cpu);
    rates.push(RECORDS / ((user + system) / 1e6));
  }
  const recordsPerSecond = median(rates);
  const result = { scenario, recordsPerSecond, wallRecordsPerSecond: median(wallRates), bar, met: bar === null || recordsPerSecond >= bar };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!);
}

function configured(config: Record<string, string>): JsonConverter {
  const converter = new JsonConverter();
  converter.configure(config, false);
  return converter;
}

const withSchemas = configured({});
const plain = configured({ 'schemas.enable': 'false' });
const INPUTS = 1000;
const structs = Array.from({ length: INPUTS }, (_, i) => order(i));
const envelopes = structs.map((struct) => withSchemas.fromConnectData('orders', ORDER, struct)!);
const texts = Array.from({ length: INPUTS }, (_, i) => Buffer.from(plainText(i)));
const decimals = structs.map((_, i) => new Struct(WITH_DECIMAL).put('id', BigInt(i)).put('amount', new BigDecimal(BigInt(i * 7), 2)));

const insert = new InsertFieldValue();
insert.configure({ 'timestamp.field': 'ingested', 'static.field': 'source', 'static.value': 'shop' });
const replace = new ReplaceFieldValue();
replace.configure({ exclude: 'note', renames: 'customer:name' });
const cast = new CastValue();
cast.configure({ spec: 'quantity:int32,price:string' });

function recordOf(value: unknown, i: number): SinkRecord {
  return new SinkRecord({
    topic: 'orders',
    kafkaPartition: 0,
    kafkaOffset: i,
    value,
    timestamp: 1_709_210_096_789,
    timestampType: 'CREATE_TIME',
  });
}

const schemaless = texts.map((bytes, i) => recordOf(plain.toConnectData('orders', bytes).value, i));

measure('smt-chain: read JSON, three transforms, write JSON (schemaless)', 150_000, (i) => {
  const record = cast.apply(replace.apply(insert.apply(recordOf(plain.toConnectData('orders', texts[i % INPUTS]!).value, i))));
  return plain.fromConnectData('orders', record.valueSchema, record.value);
});
measure('smt-chain: three transforms alone (schemaless)', null, (i) => cast.apply(replace.apply(insert.apply(schemaless[i % INPUTS]!))));
measure('json-converter: write with schema, 7 fields', 200_000, (i) => withSchemas.fromConnectData('orders', ORDER, structs[i % INPUTS]));
measure('json-converter: read with schema, 7 fields', 200_000, (i) => withSchemas.toConnectData('orders', envelopes[i % INPUTS]!));
measure('json-converter: write without schemas', null, (i) => plain.fromConnectData('orders', ORDER, structs[i % INPUTS]));
measure('json-converter: read without schemas', null, (i) => plain.toConnectData('orders', texts[i % INPUTS]!));
measure('json-converter: write a decimal with schema', null, (i) =>
  withSchemas.fromConnectData('orders', WITH_DECIMAL, decimals[i % INPUTS]),
);
