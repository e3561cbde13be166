import { type AvroRecord, type AvroSchema, branchName, isNamed } from './avro-schema.ts';

/** Types that a reader of the key takes from a writer, besides its own. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/**
 * Why data written with `writer` cannot be read with `reader` (Avro's schema resolution); empty = it can. Each reason has the place, as a path of
 * names, and what is wrong there.
 */
export function avroIncompatibilities(reader: AvroSchema, writer: AvroSchema): string[] {
  return check(reader, writer, '', new Map());
}

function check(reader: AvroSchema, writer: AvroSchema, path: string, open: Map<AvroSchema, Set<AvroSchema>>): string[] {
  if (writer.type === 'union') {
    return writer.types.flatMap((branch, index) => check(reader, branch, `${path}/${index}`, open));
  }
  if (reader.type === 'union') {
    if (reader.types.some((branch) => check(branch, writer, path, open).length === 0)) return [];
    return [`${path || '/'}: reader union lacks writer type ${branchName(writer)} (MISSING_UNION_BRANCH)`];
  }
  if (reader.type !== writer.type) {
    if (PROMOTIONS[reader.type]?.includes(writer.type)) return [];
    return [`${path || '/'}: reader type ${branchName(reader)} is not compatible with writer type ${branchName(writer)} (TYPE_MISMATCH)`];
  }
  if (isNamed(reader) && isNamed(writer) && !sameName(reader, writer)) {
    return [`${path || '/'}: expected ${writer.fullName}, found ${reader.fullName} (NAME_MISMATCH)`];
  }
  switch (reader.type) {
    case 'array':
      return writer.type === 'array' ? check(reader.items, writer.items, `${path}/items`, open) : [];
    case 'map':
      return writer.type === 'map' ? check(reader.values, writer.values, `${path}/values`, open) : [];
    case 'fixed':
      if (writer.type !== 'fixed' || reader.size === writer.size) return [];
      return [`${path}/size: expected ${writer.size}, found ${reader.size} (FIXED_SIZE_MISMATCH)`];
    case 'enum': {
      if (writer.type !== 'enum' || reader.enumDefault !== null) return [];
      const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
      return missing.length === 0 ? [] : [`${path}/symbols: the reader lacks ${missing.join(', ')} (MISSING_ENUM_SYMBOLS)`];
    }
    case 'record':
      return writer.type === 'record' ? checkFields(reader, writer, path, open) : [];
    default:
      return [];
  }
}

function checkFields(reader: AvroRecord, writer: AvroRecord, path: string, open: Map<AvroSchema, Set<AvroSchema>>): string[] {
  const seen = open.get(reader) ?? new Set();
  open.set(reader, seen);
  // within itself a record is as compatible as outside
  if (seen.has(writer)) return [];
  seen.add(writer);
  const reasons = reader.fields.flatMap((field, index) => {
    const at = `${path}/fields/${index}`;
    const from = writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name));
    if (from !== undefined) return check(field.type, from.type, `${at}/type`, open);
    return field.defaultValue === undefined
      ? [`${at}: ${field.name} has no default and is not written (READER_FIELD_MISSING_DEFAULT_VALUE)`]
      : [];
  });
  seen.delete(writer);
  return reasons;
}

function sameName(reader: { name: string; aliases: readonly string[] }, writer: { name: string; fullName: string }): boolean {
  return reader.name === writer.name || reader.aliases.some((alias) => alias === writer.fullName || alias === writer.name);
}
