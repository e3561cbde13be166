import type { FamilyRunner } from '../format/case.ts';

/** The families that run here: each has a file of its name beside this one. */
const FAMILIES: readonly string[] = [
  'data',
  'headers',
  'configdef',
  'murmur2',
  'transforms',
  'predicates',
  'converters',
  'json-converter',
  'chains',
  'retry',
  'error-headers',
  'json-schema-converter',
  'protobuf-converter',
  'avro-converter',
  's3-sink',
];

/** The runner of a family, loaded when its first case comes; null = there is none. */
export async function runnerOf(family: string): Promise<FamilyRunner | null> {
  if (!FAMILIES.includes(family)) return null;
  const { run } = (await import(`./${family}.ts`)) as { run: FamilyRunner };
  return run;
}
