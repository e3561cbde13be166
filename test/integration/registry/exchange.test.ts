import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonSchemaProvider } from '../../../lib/converters/json-schema/json-schema-provider.ts';
import { protobufProvider } from '../../../lib/converters/protobuf/protobuf-provider.ts';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import { waitFor } from '../../support/cli/run-cli.ts';
import { startTestStandalone, type TestStandalone } from '../../support/cli/start-standalone.ts';
import { PythonJudge, pythonJudgeUnavailable } from '../../support/registry/python-judge.ts';
import { type RunningRegistry, startRegistry } from '../../support/registry/start-registry.ts';

const unavailable = pythonJudgeUnavailable();
if (unavailable !== null) console.log(`skipped: ${unavailable}`);

// the client's Avro deserializer refuses messages of less than six bytes, also where the id is in a header
const LINES = ['number one', 'blå 😀', 'number three'];
const CONVERTERS = {
  avro: 'io.confluent.connect.avro.AvroConverter',
  json: 'io.confluent.connect.json.JsonSchemaConverter',
  protobuf: 'io.confluent.connect.protobuf.ProtobufConverter',
} as const;

/** Connectors of a standalone process on one side, librdkafka with Confluent's serializers on the other, a topic and a registry between them. */
describe.skipIf(unavailable !== null)("standalone and Confluent's Python client", { timeout: 240_000 }, () => {
  let registry: RunningRegistry;
  let standalone: TestStandalone;
  let judge: PythonJudge;

  beforeAll(async () => {
    registry = await startRegistry({ providers: [jsonSchemaProvider, protobufProvider] as unknown as SchemaProvider<ParsedSchema>[] });
    standalone = await startTestStandalone();
    judge = new PythonJudge(registry.url, standalone.bootstrap, join(import.meta.dirname, 'exchange_judge.py'));
  }, 120_000);
  afterAll(async () => {
    judge.stop();
    await standalone.close();
    await registry.stop();
  });

  async function create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const answer = await fetch(`${standalone.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config: { name, 'tasks.max': '1', ...config } }),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
  }

  const converter = (kind: keyof typeof CONVERTERS, header: boolean) => ({
    'value.converter': CONVERTERS[kind],
    'value.converter.schema.registry.url': registry.url,
    ...(header
      ? { 'value.converter.value.schema.id.serializer': 'io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer' }
      : {}),
  });

  describe.each([
    ['in front', false],
    ['in a header', true],
  ])('the id of the schema %s', (_, header) => {
    it.each(Object.keys(CONVERTERS) as (keyof typeof CONVERTERS)[])('%s: the client reads what a source wrote', async (kind) => {
      const topic = `from-us-${kind}-${header}`;
      const file = join(standalone.cwd, `${topic}.txt`);
      writeFileSync(file, `${LINES.join('\n')}\n`);
      await create(topic, {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
        file,
        topic,
        transforms: 'hoist,name',
        'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
        'transforms.hoist.field': 'line',
        'transforms.name.type': 'org.apache.kafka.connect.transforms.SetSchemaMetadata$Value',
        'transforms.name.schema.name': 'shop.Line',
        ...converter(kind, header),
      });
      const read = await judge.ask({ do: 'consume', topic, kind, count: LINES.length });

      expect(read.error).toBeUndefined();
      const messages = read.ok as readonly { line: string; headers: readonly string[]; first: number }[];
      expect(messages.map(({ line }) => line)).toEqual(LINES);
      expect(messages.map(({ headers }) => headers)).toEqual(LINES.map(() => (header ? ['__value_schema_id'] : [])));
      // magic byte 0 in front, and nothing but the payload where the id is in a header
      expect(messages.every(({ first }) => (first === 0) === !header || kind === 'avro')).toBe(true);
    });

    it.each(Object.keys(CONVERTERS) as (keyof typeof CONVERTERS)[])('%s: a sink reads what the client wrote', async (kind) => {
      const topic = `to-us-${kind}-${header}`;
      const file = join(standalone.cwd, `${topic}.txt`);
      const produced = await judge.ask({ do: 'produce', topic, kind, header, lines: LINES });
      expect(produced).toEqual({ ok: 0 });
      await create(topic, {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        file,
        topics: topic,
        ...converter(kind, header),
      });
      const written = () => {
        try {
          return readFileSync(file, 'utf8').trim().split('\n');
        } catch {
          return [];
        }
      };
      await waitFor(() => written().length >= LINES.length, standalone.process);

      expect(written()).toEqual(LINES.map((line) => `Struct{line=${line}}`));
    });
  });
});
