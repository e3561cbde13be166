import { Buffer } from 'node:buffer';
import type { SchemaTree } from 'hyparquet';
import { DataException } from '../../core/errors.ts';
import type { AvroEncoder } from '../avro/avro-encoder.ts';
import type { AvroSchema } from '../avro/avro-schema.ts';
import type { ColumnReader } from './column-reader.ts';
import { elementOf, isList, isMap } from './parquet-to-avro.ts';

/** Takes one datum from the columns and writes it in Avro's binary encoding: the shredder backwards. */
export type Assembler = (out: AvroEncoder) => void;

/** Columns of the leaves below a node, in the order of the schema. */
type ColumnsOf = (node: SchemaTree) => readonly ColumnReader[];

/** Where in the schema a node stands: the definition level at which what holds it is there, and how many nodes above it repeat. */
interface Place {
  readonly node: SchemaTree;
  readonly definition: number;
  readonly repetition: number;
}

/** Compiles the assembler of rows. DataException where the Avro schema does not go with the file's. */
export function compileAssembler(schema: AvroSchema, root: SchemaTree, columnsOf: ColumnsOf): Assembler {
  return compile(schema, { node: root, definition: 0, repetition: 0 }, columnsOf);
}

function compile(schema: AvroSchema, place: Place, columnsOf: ColumnsOf): Assembler {
  const { node, definition, repetition } = place;
  switch (schema.type) {
    case 'record': {
      const fields = schema.fields.map((field) => {
        const child = node.children.find(({ element }) => element.name === field.name);
        if (child === undefined) throw new DataException(`the Parquet schema has no field ${[...node.path, field.name].join('.')}`);
        return compile(field.type, { node: child, definition, repetition }, columnsOf);
      });
      return (out) => {
        for (const field of fields) field(out);
      };
    }
    case 'array':
      return compileArray(schema.items, place, columnsOf);
    case 'map': {
      if (!isMap(node)) throw mismatch(schema, node);
      const [key, value] = node.children[0]!.children as [SchemaTree, SchemaTree];
      const keys = columnsOf(key)[0]!;
      const values = compile(schema.values, { node: value, definition: definition + 1, repetition: repetition + 1 }, columnsOf);
      return repeating(columnsOf(node), definition + 1, repetition + 1, (out) => {
        out.bytes(keys.take() as Uint8Array);
        values(out);
      });
    }
    case 'union':
      return compileUnion(schema.types, place, columnsOf);
    default: {
      if (node.children.length > 0) throw mismatch(schema, node);
      const column = columnsOf(node)[0]!;
      const write = leafWriter(schema, node);
      return (out) => write(column.take(), out);
    }
  }
}

function mismatch(schema: AvroSchema, { path, element, children }: SchemaTree): DataException {
  const kind = children.length > 0 ? 'a group' : element.type;
  return new DataException(`field ${path.join('.')} is ${schema.type} in the file's Avro schema and ${kind} in its Parquet schema`);
}

function compileArray(items: AvroSchema, { node, definition, repetition }: Place, columnsOf: ColumnsOf): Assembler {
  const inside = { definition: definition + 1, repetition: repetition + 1 };
  if (isList(node)) {
    const { node: element } = elementOf(node);
    return repeating(columnsOf(node), inside.definition, inside.repetition, compile(items, { node: element, ...inside }, columnsOf));
  }
  if (node.element.repetition_type !== 'REPEATED') throw new DataException(`field ${node.path.join('.')} is no list in the Parquet schema`);
  return repeating(columnsOf(node), inside.definition, inside.repetition, compile(items, { node, ...inside }, columnsOf));
}

/** Entries of a list or map, each as a block of its own, for their number is known only at the end. */
function repeating(columns: readonly ColumnReader[], definition: number, repetition: number, element: Assembler): Assembler {
  const first = columns[0]!;
  return (out) => {
    if (first.definition < definition) {
      for (const column of columns) column.take();
    } else {
      do {
        out.int(1);
        element(out);
      } while (first.repetition === repetition);
    }
    out.int(0);
  };
}

/** Null and one type is that type, optional; more are a group with a member each, of which one is there. */
function compileUnion(types: readonly AvroSchema[], { node, definition, repetition }: Place, columnsOf: ColumnsOf): Assembler {
  const nullIndex = types.findIndex(({ type }) => type === 'null');
  const others = types.filter(({ type }) => type !== 'null');
  const all = columnsOf(node);
  const optional = node.element.repetition_type === 'OPTIONAL';
  const inside = optional ? definition + 1 : definition;
  const orNull = (present: Assembler): Assembler =>
    optional
      ? (out) => {
          if (all[0]!.definition >= inside) {
            present(out);
            return;
          }
          if (nullIndex === -1) throw new DataException(`field ${node.path.join('.')} is null, and its Avro schema has no null`);
          out.int(nullIndex);
          for (const column of all) column.take();
        }
      : present;
  if (others.length === 1) {
    const index = types.indexOf(others[0]!);
    const inner = compile(others[0]!, { node, definition: inside, repetition }, columnsOf);
    return orNull((out) => {
      out.int(index);
      inner(out);
    });
  }
  const members = others.map((type, index) => {
    const member = node.children[index];
    if (member === undefined) throw mismatch(type, node);
    const columns = columnsOf(member);
    return {
      index: types.indexOf(type),
      columns,
      assemble: compile(type, { node: member, definition: inside + 1, repetition }, columnsOf),
    };
  });
  return orNull((out) => {
    const chosen = members.find(({ columns }) => columns[0]!.definition > inside);
    if (chosen === undefined) throw new DataException(`no member of the union ${node.path.join('.')} is there`);
    out.int(chosen.index);
    for (const member of members) {
      if (member === chosen) member.assemble(out);
      else for (const column of member.columns) column.take();
    }
  });
}

type LeafWriter = (value: unknown, out: AvroEncoder) => void;

function leafWriter(schema: AvroSchema, node: SchemaTree): LeafWriter {
  switch (schema.type) {
    case 'boolean':
      return (value, out) => out.boolean(value as boolean);
    case 'int':
      return (value, out) => out.int(Number(value));
    case 'long':
      return node.element.type === 'INT32' ? unsignedOrSigned(node) : (value, out) => out.long(value as bigint);
    case 'float':
      return (value, out) => out.float(value as number);
    case 'double':
      return (value, out) => out.double(value as number);
    case 'bytes':
      if (node.element.type === 'INT32' || node.element.type === 'INT64')
        return (value, out) => out.bytes(twosComplement(BigInt(value as number)));
      return (value, out) => out.bytes(value as Uint8Array);
    case 'string':
      return (value, out) => out.bytes(value as Uint8Array);
    case 'fixed':
      return (value, out) => out.raw(value as Uint8Array);
    case 'enum': {
      const symbols = new Map(schema.symbols.map((symbol, index) => [symbol, index]));
      return (value, out) => {
        const symbol = Buffer.from(value as Uint8Array).toString();
        const index = symbols.get(symbol);
        if (index === undefined) throw new DataException(`field ${node.path.join('.')}: ${symbol} is no symbol of ${schema.fullName}`);
        out.int(index);
      };
    }
    default:
      throw mismatch(schema, node);
  }
}

function unsignedOrSigned({ element }: SchemaTree): LeafWriter {
  const unsigned = element.converted_type === 'UINT_32' || (element.logical_type?.type === 'INTEGER' && !element.logical_type.isSigned);
  return (value, out) => out.long(BigInt(unsigned ? (value as number) >>> 0 : (value as number)));
}

/** The fewest bytes that hold a number, as Avro's decimals have their unscaled value. */
function twosComplement(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const bytes = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at--, rest >>= 8n) bytes[at] = Number(BigInt.asUintN(8, rest));
  return bytes;
}
