import type { AvroDecoder } from '../avro/avro-decoder.ts';
import type { AvroSchema } from '../avro/avro-schema.ts';
import type { ColumnWriter } from './column-writer.ts';
import type { ParquetNode } from './parquet-schema.ts';

/** Reads one datum in Avro's binary encoding and divides it over the columns, with the levels it stands at. */
export type Shredder = (data: AvroDecoder, repetition: number, definition: number) => void;

/** Where in the schema a node stands: how many of the nodes above it, itself included, repeat. */
interface Place {
  readonly node: ParquetNode;
  readonly repetition: number;
}

/** Columns of the leaves below a node, in the order of the schema. */
type ColumnsOf = (node: ParquetNode) => readonly ColumnWriter[];

/**
 * Compiles the shredder of a schema. A node that is optional or repeated counts one definition level more for what is inside it.
 */
export function compileShredder(schema: AvroSchema, node: ParquetNode, columnsOf: ColumnsOf): Shredder {
  return compile(schema, { node, repetition: 0 }, columnsOf);
}

function compile(schema: AvroSchema, place: Place, columnsOf: ColumnsOf): Shredder {
  const { node, repetition: depth } = place;
  switch (schema.type) {
    case 'record': {
      const fields = schema.fields.map((field, index) =>
        compile(field.type, { node: node.children![index]!, repetition: depth }, columnsOf),
      );
      return (data, repetition, definition) => {
        for (const field of fields) field(data, repetition, definition);
      };
    }
    case 'array': {
      const inner = node.children![0]!;
      const repeated = depth + 1;
      // Without a group between, the repeated node is the element itself
      const grouped = inner.name === 'list' && inner.children?.[0]?.name === 'element';
      const element = compile(schema.items, { node: grouped ? inner.children![0]! : inner, repetition: repeated }, columnsOf);
      return repeating(columnsOf(node), repeated, element);
    }
    case 'map': {
      const [key, value] = node.children![0]!.children! as readonly [ParquetNode, ParquetNode];
      const repeated = depth + 1;
      const keys = columnsOf(key)[0]!;
      const values = compile(schema.values, { node: value, repetition: repeated }, columnsOf);
      return repeating(columnsOf(node), repeated, (data, repetition, definition) => {
        keys.entry(repetition, definition);
        keys.binary(data.bytes());
        values(data, repetition, definition);
      });
    }
    case 'union':
      return compileUnion(schema.types, place, columnsOf);
    default:
      return compileLeaf(schema, columnsOf(node)[0]!);
  }
}

function absent(columns: readonly ColumnWriter[], repetition: number, definition: number): void {
  for (const column of columns) column.entry(repetition, definition);
}

function repeating(columns: readonly ColumnWriter[], repeated: number, element: Shredder): Shredder {
  return (data, repetition, definition) => {
    let count = data.blockCount();
    if (count === 0) {
      absent(columns, repetition, definition);
      return;
    }
    let level = repetition;
    for (; count > 0; count = data.blockCount()) {
      for (let i = 0; i < count; i++) {
        element(data, level, definition + 1);
        level = repeated;
      }
    }
  };
}

/** Null and one type is that type, optional; more are a group with a member each, of which one is there. */
function compileUnion(types: readonly AvroSchema[], { node, repetition: depth }: Place, columnsOf: ColumnsOf): Shredder {
  const others = types.filter(({ type }) => type !== 'null');
  const nullable = others.length < types.length;
  const all = columnsOf(node);
  if (others.length === 1 && nullable) {
    const inner = compile(others[0]!, { node, repetition: depth }, columnsOf);
    return (data, repetition, definition) => {
      if (types[data.int()]!.type === 'null') absent(all, repetition, definition);
      else inner(data, repetition, definition + 1);
    };
  }
  const members = others.map((type, index) => {
    const member = node.children![index]!;
    return { columns: columnsOf(member), shred: compile(type, { node: member, repetition: depth }, columnsOf) };
  });
  const indexes = types.map((type) => others.indexOf(type));
  return (data, repetition, definition) => {
    const chosen = indexes[data.int()]!;
    if (chosen === -1) {
      absent(all, repetition, definition);
      return;
    }
    const inside = nullable ? definition + 1 : definition;
    members.forEach(({ columns, shred }, index) => {
      if (index === chosen) shred(data, repetition, inside + 1);
      else absent(columns, repetition, inside);
    });
  };
}

function compileLeaf(schema: AvroSchema, column: ColumnWriter): Shredder {
  const put = valueReader(schema, column);
  return (data, repetition, definition) => {
    column.entry(repetition, definition);
    put(data);
  };
}

function valueReader(schema: AvroSchema, column: ColumnWriter): (data: AvroDecoder) => void {
  switch (schema.type) {
    case 'boolean':
      return (data) => column.boolean(data.boolean());
    case 'int':
      return (data) => column.int32(data.int());
    case 'long':
      return (data) => column.int64(data.long());
    case 'float':
      return (data) => column.float(data.float());
    case 'double':
      return (data) => column.double(data.double());
    case 'bytes':
    case 'string':
      return (data) => column.binary(data.bytes());
    case 'fixed':
      return (data) => column.fixed(data.fixed(schema.size));
    case 'enum': {
      const symbols = schema.symbols.map((symbol) => Buffer.from(symbol));
      return (data) => column.binary(symbols[data.int()]!);
    }
    default:
      throw new Error(`no column holds a ${schema.type}`);
  }
}
