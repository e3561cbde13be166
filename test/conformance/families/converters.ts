import { converterManifests } from '../../../lib/converters/manifests.ts';
import type { Converter, HeaderConverter } from '../../../lib/core/converter.ts';
import type { SchemaAndValue } from '../../../lib/core/data/schema-and-value.ts';
import { type ConformanceCase, inPhase } from '../format/case.ts';
import { decodeSchema, decodeValue, encodeSchema, encodeValue, type SchemaJson, type ValueJson } from '../format/codec.ts';

/** Families `converters` and `json-converter`: one new converter per case. */
export async function run({ plugin, op, config = {}, input }: ConformanceCase): Promise<unknown> {
  const manifest = converterManifests.find(({ className }) => className === plugin);
  if (manifest === undefined) throw new Error(`no converter ${plugin}`);
  const converter = new (await manifest.load())() as Converter & HeaderConverter;
  const topic = input?.topic as string;
  const headerKey = input?.headerKey as string;
  if (headerKey === undefined) inPhase('configure', () => converter.configure(config, (input?.isKey as boolean) ?? false));
  else inPhase('configure', () => (converter as HeaderConverter).configure({ ...config, 'converter.type': 'header' }));
  const schema = decodeSchema(input?.schema as SchemaJson | null);
  const value = decodeValue(input?.value as ValueJson, schema);
  const bytes = typeof input?.bytes === 'string' ? Buffer.from(input.bytes, 'base64') : null;
  switch (op) {
    case 'configure':
      return { configured: true };
    case 'fromConnectData':
      return encodeBytes(await inPhase('convert', () => converter.fromConnectData(topic, schema, value)));
    case 'fromConnectHeader':
      return encodeBytes(inPhase('convert', () => converter.fromConnectHeader(topic, headerKey, schema, value)));
    case 'toConnectData':
      return encodeData(await inPhase('convert', () => converter.toConnectData(topic, bytes)));
    case 'toConnectHeader':
      return encodeData(inPhase('convert', () => converter.toConnectHeader(topic, headerKey, bytes)));
    default:
      throw new Error(`no operation ${op}`);
  }
}

/** `text` only where the bytes are valid UTF-8, as the cases have it. */
function encodeBytes(bytes: Uint8Array | null): unknown {
  if (bytes === null) return { bytes: null };
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  const valid = Buffer.from(text, 'utf8').equals(buffer);
  return { bytes: buffer.toString('base64'), ...(valid ? { text } : {}) };
}

function encodeData({ schema, value }: SchemaAndValue): unknown {
  return { schema: encodeSchema(schema), value: encodeValue(value, schema) };
}
