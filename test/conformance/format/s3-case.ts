import type { ConformanceCase } from './case.ts';

type Json = Readonly<Record<string, unknown>>;

/** A case of the S3 sink with what it expects in one place: per step, and of all objects; or of a validation. */
export function withS3Expectation(
  case_: ConformanceCase & { readonly steps?: readonly Json[]; readonly objects?: readonly Json[] },
): ConformanceCase {
  if (case_.op === 'validate') {
    const { construct, constructCompare, ...expect } = case_.expect as Json;
    const withCompare = construct === undefined ? {} : { construct: listsSorted({ ...(construct as Json), compare: constructCompare }) };
    return { ...case_, expect: { ...(listsSorted(expect) as Json), ...withCompare } };
  }
  const steps = (case_.steps ?? []).map(({ expect }) => {
    const { error, compare, ...rest } = (expect ?? {}) as Json;
    return listsSorted(error === undefined ? rest : { ...rest, error: { ...(error as Json), compare } });
  });
  return { ...case_, expect: { steps, objects: (case_.objects ?? []).map(withParsedSchemas) } };
}

function withParsedSchemas(object: Json): Json {
  const parse = (text: unknown) => JSON.parse(text as string) as unknown;
  const avro = object.avro as Json | undefined;
  const parquet = object.parquet as Json | undefined;
  if (avro !== undefined) return { ...object, avro: { ...avro, schema: parse(avro.schema) } };
  if (parquet !== undefined) return { ...object, parquet: { ...parquet, avroSchema: parse(parquet.avroSchema) } };
  return object;
}

/** Lists of allowed values in messages are sets: sorted, they can be compared as texts. */
export function listsSorted(json: unknown): unknown {
  if (typeof json === 'string') {
    return json.replace(
      /(must be one of(?: \(case insensitive\))?: \[?)([^\]]*)(\]?)$/s,
      (_, before: string, list: string, after: string) => {
        return before + list.split(', ').sort().join(', ') + after;
      },
    );
  }
  if (Array.isArray(json)) return json.map(listsSorted);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, name === 'messages' ? sorted(value) : listsSorted(value)]));
}

function sorted(messages: unknown): unknown {
  return (listsSorted(messages) as string[]).sort();
}
