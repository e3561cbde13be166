import type { Buffer } from 'node:buffer';
import type { ColumnChunk } from './column-writer.ts';
import type { ParquetCodec } from './compression.ts';
import type { LogicalType, ParquetGroup, ParquetNode, PhysicalType, Repetition } from './parquet-schema.ts';
import { ThriftWriter } from './thrift-writer.ts';

/** A row group that was written. */
export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
}

/** What the footer tells. */
export interface FooterInit {
  readonly root: ParquetGroup;
  readonly groups: readonly RowGroup[];
  readonly codec: ParquetCodec;
  readonly metadata: readonly (readonly [string, string])[];
}

const CREATED_BY = 'serverless-connect version 0.1.0';
const TYPES: Readonly<Record<PhysicalType, number>> = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  binary: 6,
  fixed_len_byte_array: 7,
};
const REPETITIONS: Readonly<Record<Repetition, number>> = { required: 0, optional: 1, repeated: 2 };
const PLAIN = 0;
const RLE = 3;

/** Parquet's FileMetaData. https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
export function footer({ root, groups, codec, metadata }: FooterInit): Buffer {
  const thrift = new ThriftWriter();
  thrift.i32(1, 1);
  thrift.structs(2, flattened(root), (node) => schemaElement(thrift, node, node === root));
  thrift.i64(
    3,
    groups.reduce((sum, { rows }) => sum + rows, 0),
  );
  thrift.structs(4, groups, (group) => rowGroup(thrift, group, codec));
  thrift.structs(5, metadata, ([key, value]) => {
    thrift.text(1, key);
    thrift.text(2, value);
  });
  thrift.text(6, CREATED_BY);
  return thrift.end();
}

function flattened(node: ParquetNode): ParquetNode[] {
  return [node, ...(node.children ?? []).flatMap(flattened)];
}

function schemaElement(thrift: ThriftWriter, node: ParquetNode, isRoot: boolean): void {
  if (node.children === null) {
    thrift.i32(1, TYPES[node.type]);
    if (node.size > 0) thrift.i32(2, node.size);
  }
  if (!isRoot) thrift.i32(3, REPETITIONS[node.repetition]);
  thrift.text(4, node.name);
  if (node.children !== null) thrift.i32(5, node.children.length);
  if (node.logical !== null) logicalType(thrift, node.logical);
}

/** Both the old and the new annotation, for old and new readers. */
function logicalType(thrift: ThriftWriter, logical: LogicalType): void {
  const converted = convertedType(logical);
  if (converted !== null) thrift.i32(6, converted);
  if (logical.kind === 'DECIMAL') {
    thrift.i32(7, logical.scale);
    thrift.i32(8, logical.precision);
  }
  const ids = { STRING: 1, MAP: 2, LIST: 3, ENUM: 4, DECIMAL: 5, DATE: 6, TIME: 7, TIMESTAMP: 8, MAP_KEY_VALUE: null };
  const id = ids[logical.kind];
  if (id === null) return;
  thrift.struct(10, () => {
    thrift.struct(id, () => {
      if (logical.kind === 'DECIMAL') {
        thrift.i32(1, logical.scale);
        thrift.i32(2, logical.precision);
      } else if (logical.kind === 'TIME' || logical.kind === 'TIMESTAMP') {
        thrift.bool(1, logical.utc);
        thrift.struct(2, () => thrift.struct(logical.unit === 'MILLIS' ? 1 : 2, () => undefined));
      }
    });
  });
}

/** null = the old annotations have no such type. */
function convertedType(logical: LogicalType): number | null {
  switch (logical.kind) {
    case 'STRING':
      return 0;
    case 'MAP':
      return 1;
    case 'MAP_KEY_VALUE':
      return 2;
    case 'LIST':
      return 3;
    case 'ENUM':
      return 4;
    case 'DECIMAL':
      return 5;
    case 'DATE':
      return 6;
    case 'TIME':
      return logical.utc ? (logical.unit === 'MILLIS' ? 7 : 8) : null;
    case 'TIMESTAMP':
      return logical.utc ? (logical.unit === 'MILLIS' ? 9 : 10) : null;
  }
}

function rowGroup(thrift: ThriftWriter, { rows, chunks }: RowGroup, codec: ParquetCodec): void {
  const total = (of: (chunk: ColumnChunk) => number) => chunks.reduce((sum, chunk) => sum + of(chunk), 0);
  thrift.structs(1, chunks, (chunk) => {
    thrift.i64(2, chunk.offset);
    thrift.struct(3, () => columnMetaData(thrift, chunk, codec));
  });
  thrift.i64(
    2,
    total(({ uncompressedBytes }) => uncompressedBytes),
  );
  thrift.i64(3, rows);
  thrift.i64(5, chunks[0]?.offset ?? 0);
  thrift.i64(
    6,
    total(({ compressedBytes }) => compressedBytes),
  );
}

function columnMetaData(
  thrift: ThriftWriter,
  { column, offset, values, compressedBytes, uncompressedBytes }: ColumnChunk,
  codec: ParquetCodec,
): void {
  thrift.i32(1, TYPES[column.leaf.type]);
  thrift.i32s(2, [PLAIN, RLE]);
  thrift.texts(3, column.path);
  thrift.i32(4, codec.id);
  thrift.i64(5, values);
  thrift.i64(6, uncompressedBytes);
  thrift.i64(7, compressedBytes);
  thrift.i64(9, offset);
}
