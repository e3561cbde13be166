import { isDeepStrictEqual } from 'node:util';
import { converterManifests } from '../../../lib/converters/manifests.ts';
import type { Converter } from '../../../lib/core/converter.ts';
import type { SchemaAndValue } from '../../../lib/core/data/schema-and-value.ts';
import { RecordHeaders } from '../../../lib/core/record-headers.ts';
import { type ConformanceCase, encodeError, JudgedOutcome } from '../format/case.ts';
import { decodeSchema, decodeValue, encodeSchema, encodeValue, ForeignObject, type SchemaJson, type ValueJson } from '../format/codec.ts';
import { compareOutcome, type Difference } from '../format/compare.ts';
import { type CannedResponse, CaseRegistry, type CaseSchema } from './case-registry.ts';

interface Step {
  readonly op: 'fromConnectData' | 'toConnectData';
  readonly topic: string;
  readonly schema?: SchemaJson | null;
  readonly value?: ValueJson;
  readonly bytes?: string | null;
  readonly headers?: readonly { readonly key: string; readonly bytes: string }[];
  readonly expect: StepExpectation;
  readonly requests?: readonly { readonly method: string; readonly path: string; readonly authorization?: string }[];
}

interface StepExpectation extends Readonly<Record<string, unknown>> {
  readonly compare?: 'class' | 'error';
  readonly mapOrder?: boolean;
  readonly nothing?: boolean;
}

interface RegistryCase extends Omit<ConformanceCase, 'config'> {
  readonly isKey: boolean;
  readonly config: Readonly<Record<string, string | null>>;
  readonly registry: {
    readonly before?: readonly CaseSchema[];
    readonly responses?: readonly CannedResponse[];
    readonly after?: readonly CaseSchema[];
  };
  readonly configure?: { readonly error: Readonly<Record<string, unknown>>; readonly compare?: 'class' | 'error' };
  readonly steps?: readonly Step[];
}

/** Whether two schemas of a kind mean the same, by the rules of the cases. */
export type SameSchema = (expected: string, got: string) => boolean;

/** Runs the steps of a case on one converter against a registry of its own, and compares each. */
export async function runRegistryCase(case_: ConformanceCase, sameSchema: SameSchema): Promise<JudgedOutcome> {
  const { plugin, isKey, config, registry: held, configure, steps = [] } = case_ as unknown as RegistryCase;
  const manifest = converterManifests.find(({ className }) => className === plugin);
  if (manifest === undefined) throw new Error(`no converter ${plugin}`);
  const registry = await new CaseRegistry(held.before ?? [], held.responses ?? [], held.after ?? []).start();
  const differences: Difference[] = [];
  try {
    const converter = new (await manifest.load())() as Converter;
    const settings: Record<string, string | null> = { 'schema.registry.url': registry.url, ...config };
    const given = Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== null);
    const configured = await outcomeOf(() => {
      converter.configure(Object.fromEntries(given), isKey);
      return {};
    });
    differences.push(...compareStep('configure', (configure ?? {}) as StepExpectation, configured, registry.url));
    for (const [index, step] of steps.entries()) differences.push(...(await runStep(`steps[${index}]`, step, converter, registry)));
    differences.push(...compareRegistry(held.after ?? [], registry.entries, sameSchema));
    await converter.close?.();
  } finally {
    await registry.stop();
  }
  return new JudgedOutcome(differences);
}

async function runStep(path: string, step: Step, converter: Converter, registry: CaseRegistry): Promise<Difference[]> {
  const seen = registry.requests.length;
  const known = registry.entries.length;
  const got = await outcomeOf(() => perform(step, converter));
  const differences = await compareBytesOrRest(path, step, got, converter, registry.url);
  const requests = step.requests ?? [];
  if (!requests.some(({ method, path: asked }) => method === 'POST' && asked.endsWith('/versions')) && registry.entries.length > known) {
    differences.push({ path: `${path}.requests`, expected: 'nothing is registered', got: registry.entries.slice(known) });
  }
  const authorizations = new Set(requests.map(({ authorization }) => authorization ?? null));
  for (const { authorization } of registry.requests.slice(seen)) {
    if (requests.length > 0 && !authorizations.has(authorization)) {
      differences.push({ path: `${path}.authorization`, expected: [...authorizations], got: authorization });
    }
  }
  return differences;
}

async function perform(step: Step, converter: Converter): Promise<Readonly<Record<string, unknown>>> {
  const headers = new RecordHeaders();
  for (const { key, bytes } of step.headers ?? []) headers.add(key, new Uint8Array(Buffer.from(bytes, 'base64')));
  const { topic } = step;
  if (step.op === 'toConnectData') {
    const bytes = typeof step.bytes === 'string' ? new Uint8Array(Buffer.from(step.bytes, 'base64')) : null;
    return encodeData(await converter.toConnectData(topic, bytes, headers), step.expect.schema as SchemaJson | null | undefined);
  }
  const schema = decodeSchema(step.schema);
  const bytes = await converter.fromConnectData(topic, schema, foreignBigInteger(step.value) ?? decodeValue(step.value, schema), headers);
  const added = [...headers].map(({ key, value }) => ({ key, bytes: Buffer.from(value as Uint8Array).toString('base64') }));
  return { bytes: bytes === null ? null : Buffer.from(bytes).toString('base64'), ...(added.length > 0 ? { headers: added } : {}) };
}

/** A BigInteger is an object of a class that Connect does not know; as a bigint it would be a long. */
function foreignBigInteger(value: ValueJson | undefined): unknown {
  return value !== null && value !== undefined && 'biginteger' in value ? new ForeignObject('java.math.BigInteger') : undefined;
}

function encodeData({ schema, value }: SchemaAndValue, like: SchemaJson | null | undefined): Readonly<Record<string, unknown>> {
  return { schema: encodeSchema(schema, like), value: encodeValue(value, schema, { anyStruct: true }) };
}

async function outcomeOf(run: () => unknown): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await run()) as Readonly<Record<string, unknown>>;
  } catch (error) {
    return { error: encodeError(error) };
  }
}

async function compareBytesOrRest(
  path: string,
  { op, topic, expect }: Step,
  got: Readonly<Record<string, unknown>>,
  converter: Converter,
  url: string,
): Promise<Difference[]> {
  if (op === 'toConnectData' && expect.nothing === true) return compareStep(path, { schema: null, value: null }, got, url);
  if (!expect.mapOrder || typeof got.bytes !== 'string') return compareStep(path, expect, got, url);
  const decoded = async (bytes: unknown) =>
    outcomeOf(async () =>
      encodeData(await converter.toConnectData(topic, new Uint8Array(Buffer.from(bytes as string, 'base64'))), undefined),
    );
  return compareStep(path, (await decoded(expect.bytes)) as StepExpectation, await decoded(got.bytes), url);
}

function compareStep(path: string, expected: StepExpectation, got: Readonly<Record<string, unknown>>, url: string): Difference[] {
  const { compare, mapOrder: _, error, ...rest } = expected;
  const plain = stripped({ ...rest, ...(error === undefined ? {} : { error: withoutCauses(error) }) });
  const shown = JSON.parse(JSON.stringify(got).replaceAll(url, 'http://registry')) as Readonly<Record<string, unknown>>;
  const judged = { id: '', family: '', input: null, expect: plain, ...(compare === undefined ? {} : { compare }) };
  return compareOutcome(judged, shown).map((difference) => ({ ...difference, path: `${path}.${difference.path}` }));
}

function withoutCauses(error: unknown): unknown {
  const { causes: _, ...rest } = error as Readonly<Record<string, unknown>>;
  return rest;
}

/** Without the schemas that structs show beside their place. */
function stripped(expected: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const strip = (json: unknown): unknown => {
    if (Array.isArray(json)) return json.map(strip);
    if (typeof json !== 'object' || json === null) return json;
    const own = 'struct' in json ? Object.entries(json).filter(([name]) => name === 'struct') : Object.entries(json);
    return Object.fromEntries(own.map(([name, value]) => [name, strip(value)]));
  };
  return 'value' in expected ? { ...expected, value: strip(expected.value) } : expected;
}

function compareRegistry(expected: readonly CaseSchema[], got: readonly CaseSchema[], same: SameSchema): Difference[] {
  const keys = ({ subject, version, id, schemaType }: CaseSchema) => `${subject} ${version} ${id} ${schemaType}`;
  const differences: Difference[] = [];
  if (!isDeepStrictEqual(expected.map(keys).sort(), got.map(keys).sort())) {
    differences.push({ path: 'registry.after', expected: expected.map(keys), got: got.map(keys) });
  }
  for (const entry of expected) {
    const other = got.find((each) => keys(each) === keys(entry));
    if (other !== undefined && !same(entry.schema, other.schema)) {
      differences.push({ path: `registry.after ${keys(entry)}`, expected: entry.schema, got: other.schema });
    }
  }
  return differences;
}

/** AVRO and JSON schemas are compared as JSON, where the order of members means nothing. */
export function sameJson(expected: string, got: string): boolean {
  return isDeepStrictEqual(JSON.parse(expected), JSON.parse(got));
}
