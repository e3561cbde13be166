import type { AvroDecoder } from './avro-decoder.ts';
import { encodeDefault } from './avro-default-bytes.ts';
import { AvroEncoder } from './avro-encoder.ts';
import { AvroDataError } from './avro-errors.ts';
import { type AvroEnum, type AvroRecord, type AvroSchema, type AvroUnion, branchName, isNamed } from './avro-schema.ts';

/** Reads one value as it was written, and writes it as the reader wants it. AvroDataError where that cannot be. */
export type AvroTranscoder = (from: AvroDecoder, out: AvroEncoder) => void;

type Skip = (from: AvroDecoder) => void;

/** Encodes data written with `writer` anew as data of `reader`, by Avro's rules of schema resolution. Compiled: keep it. */
export function avroResolver(writer: AvroSchema, reader: AvroSchema): AvroTranscoder {
  return new ResolverCompiler().compile(writer, reader);
}

/** A type that cannot be resolved fails when such a value comes, not before: a branch of a union may never be used. */
class ResolverCompiler {
  /** Records under way, so that one can hold itself. */
  readonly #records = new Map<AvroRecord, Map<AvroRecord, { run: AvroTranscoder }>>();
  readonly #skips = new Map<AvroRecord, { run: Skip }>();

  compile(writer: AvroSchema, reader: AvroSchema): AvroTranscoder {
    if (writer.type === 'union') return this.#fromUnion(writer, reader);
    if (reader.type === 'union') return this.#intoUnion(writer, reader);
    if (isNamed(writer) && isNamed(reader) && !sameName(writer, reader)) return refuse(writer, reader);
    switch (writer.type) {
      case 'array':
        return reader.type === 'array' ? blocks(this.compile(writer.items, reader.items)) : refuse(writer, reader);
      case 'map': {
        if (reader.type !== 'map') return refuse(writer, reader);
        const value = this.compile(writer.values, reader.values);
        return blocks((from, out) => {
          out.bytes(from.bytes());
          value(from, out);
        });
      }
      case 'fixed':
        if (reader.type !== 'fixed' || reader.size !== writer.size) return refuse(writer, reader);
        return (from, out) => out.raw(from.fixed(writer.size));
      case 'enum':
        return reader.type === 'enum' ? ofEnum(writer, reader) : refuse(writer, reader);
      case 'record':
        return reader.type === 'record' ? this.#record(writer, reader) : refuse(writer, reader);
      default:
        return PRIMITIVES[`${writer.type} ${reader.type}`] ?? refuse(writer, reader);
    }
  }

  #fromUnion(writer: AvroUnion, reader: AvroSchema): AvroTranscoder {
    const branches = writer.types.map((branch) => this.compile(branch, reader));
    return (from, out) => branchOf(branches, from)(from, out);
  }

  /** The branch of the same type, else the first that a value can be promoted to. */
  #intoUnion(writer: AvroSchema, reader: AvroUnion): AvroTranscoder {
    const same = reader.types.findIndex((branch) => branchName(branch) === branchName(writer));
    const index =
      same !== -1
        ? same
        : reader.types.findIndex((branch) =>
            isNamed(branch) && isNamed(writer)
              ? branch.type === writer.type && sameName(writer, branch)
              : `${writer.type} ${branch.type}` in PRIMITIVES,
          );
    if (index === -1) return refuse(writer, reader);
    const inner = this.compile(writer, reader.types[index]!);
    return (from, out) => {
      out.int(index);
      inner(from, out);
    };
  }

  #record(writer: AvroRecord, reader: AvroRecord): AvroTranscoder {
    const ofWriter = this.#records.get(writer) ?? new Map<AvroRecord, { run: AvroTranscoder }>();
    this.#records.set(writer, ofWriter);
    const known = ofWriter.get(reader);
    if (known !== undefined) return (from, out) => known.run(from, out);
    const slot = { run: refuse(writer, reader) };
    ofWriter.set(reader, slot);
    slot.run = this.#fields(writer, reader);
    return slot.run;
  }

  #fields(writer: AvroRecord, reader: AvroRecord): AvroTranscoder {
    const targets = writer.fields.map(({ name }) => {
      const exact = reader.fields.findIndex((field) => field.name === name);
      return exact !== -1 ? exact : reader.fields.findIndex(({ aliases }) => aliases.includes(name));
    });
    const missing = reader.fields.find((field, index) => !targets.includes(index) && field.defaultValue === undefined);
    if (missing !== undefined) {
      return () => {
        throw unresolvable(`Found ${writer.fullName}, expecting ${reader.fullName}, missing required field ${missing.name}`);
      };
    }
    const steps = writer.fields.map((field, index): { readonly target: number; readonly run: AvroTranscoder } => {
      const target = targets[index]!;
      const wanted = reader.fields[target];
      if (wanted !== undefined) return { target, run: this.compile(field.type, wanted.type) };
      const skip = this.#skip(field.type);
      return { target, run: (from) => skip(from) };
    });
    const defaults = reader.fields.map(({ type, defaultValue }, index) =>
      targets.includes(index) ? null : encodeDefault(type, defaultValue ?? null),
    );
    const wanted = targets.filter((target) => target !== -1);
    const inOrder = wanted.every((target, index) => index === 0 || target > wanted[index - 1]!);
    return inOrder ? inPlace(steps, defaults) : byParts(steps, defaults);
  }

  #skip(schema: AvroSchema): Skip {
    switch (schema.type) {
      case 'null':
        return () => undefined;
      case 'boolean':
        return (from) => void from.boolean();
      case 'int':
      case 'enum':
        return (from) => void from.int();
      case 'long':
        return (from) => void from.long();
      case 'float':
        return (from) => void from.float();
      case 'double':
        return (from) => void from.double();
      case 'bytes':
      case 'string':
        return (from) => void from.bytes();
      case 'fixed':
        return (from) => void from.fixed(schema.size);
      case 'array':
        return skipBlocks(this.#skip(schema.items));
      case 'map': {
        const value = this.#skip(schema.values);
        return skipBlocks((from) => {
          from.bytes();
          value(from);
        });
      }
      case 'union': {
        const branches = schema.types.map((branch) => this.#skip(branch));
        return (from) => branchOf(branches, from)(from);
      }
      case 'record': {
        const known = this.#skips.get(schema);
        if (known !== undefined) return (from) => known.run(from);
        const slot: { run: Skip } = { run: () => undefined };
        this.#skips.set(schema, slot);
        const fields = schema.fields.map(({ type }) => this.#skip(type));
        slot.run = (from) => {
          for (const field of fields) field(from);
        };
        return slot.run;
      }
    }
  }
}

type Steps = readonly { readonly target: number; readonly run: AvroTranscoder }[];

/** Fields stand in the reader's order already: only defaults come in between. */
function inPlace(steps: Steps, defaults: readonly (Uint8Array | null)[]): AvroTranscoder {
  return (from, out) => {
    let next = 0;
    const fill = (until: number) => {
      for (; next < until; next++) out.raw(defaults[next]!);
    };
    for (const { target, run } of steps) {
      if (target !== -1) {
        fill(target);
        next = target + 1;
      }
      run(from, out);
    }
    fill(defaults.length);
  };
}

function byParts(steps: Steps, defaults: readonly (Uint8Array | null)[]): AvroTranscoder {
  return (from, out) => {
    const parts = [...defaults];
    const scratch = new AvroEncoder();
    for (const { target, run } of steps) {
      scratch.reset();
      run(from, scratch);
      if (target !== -1) parts[target] = scratch.toBytes();
    }
    for (const part of parts) out.raw(part!);
  };
}

function blocks(item: AvroTranscoder): AvroTranscoder {
  return (from, out) => {
    for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
      out.int(count);
      for (let i = 0; i < count; i++) item(from, out);
    }
    out.int(0);
  };
}

function skipBlocks(item: Skip): Skip {
  return (from) => {
    for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
      for (let i = 0; i < count; i++) item(from);
    }
  };
}

function ofEnum(writer: AvroEnum, reader: AvroEnum): AvroTranscoder {
  const indexes = writer.symbols.map((symbol) => {
    const index = reader.symbols.indexOf(symbol);
    return index !== -1 || reader.enumDefault === null ? index : reader.symbols.indexOf(reader.enumDefault);
  });
  return (from, out) => {
    const written = from.int();
    const index = indexes[written] ?? -1;
    if (index === -1) throw unresolvable(`No match for ${writer.symbols[written] ?? written}`);
    out.int(index);
  };
}

const copyInt: AvroTranscoder = (from, out) => out.int(from.int());
const copyBytes: AvroTranscoder = (from, out) => out.bytes(from.bytes());

/** `writer reader`: equal types, and what Avro promotes. */
const PRIMITIVES: Readonly<Record<string, AvroTranscoder>> = {
  'null null': () => undefined,
  'boolean boolean': (from, out) => out.boolean(from.boolean()),
  'int int': copyInt,
  // an int and a long are encoded alike
  'int long': copyInt,
  'int float': (from, out) => out.float(from.int()),
  'int double': (from, out) => out.double(from.int()),
  'long long': (from, out) => out.long(from.long()),
  'long float': (from, out) => out.float(Number(from.long())),
  'long double': (from, out) => out.double(Number(from.long())),
  'float float': (from, out) => out.float(from.float()),
  'float double': (from, out) => out.double(from.float()),
  'double double': (from, out) => out.double(from.double()),
  'string string': copyBytes,
  'bytes bytes': copyBytes,
  'string bytes': copyBytes,
  'bytes string': copyBytes,
};

function branchOf<T>(branches: readonly T[], from: AvroDecoder): T {
  const index = from.int();
  const branch = branches[index];
  if (branch === undefined) throw new AvroDataError(`a union has no branch ${index}`);
  return branch;
}

function refuse(writer: AvroSchema, reader: AvroSchema): AvroTranscoder {
  return () => {
    throw unresolvable(`Found ${branchName(writer)}, expecting ${branchName(reader)}`);
  };
}

function unresolvable(message: string): AvroDataError {
  return new AvroDataError(message, 'org.apache.avro.AvroTypeException');
}

function sameName(
  writer: { readonly name: string; readonly fullName: string },
  reader: { readonly name: string; readonly aliases: readonly string[] },
): boolean {
  return reader.name === writer.name || reader.aliases.includes(writer.fullName) || reader.aliases.includes(writer.name);
}
