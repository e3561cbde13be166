/** How often a value is there. */
export type Repetition = 'required' | 'optional' | 'repeated';

export type PhysicalType = 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'binary' | 'fixed_len_byte_array';

/** What a physical type stands for. */
export type LogicalType =
  | { readonly kind: 'STRING' | 'MAP' | 'LIST' | 'ENUM' | 'DATE' | 'MAP_KEY_VALUE' }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'TIME' | 'TIMESTAMP'; readonly unit: 'MILLIS' | 'MICROS'; readonly utc: boolean };

/** A column. */
export interface ParquetLeaf {
  readonly name: string;
  readonly repetition: Repetition;
  readonly type: PhysicalType;
  /** Of fixed_len_byte_array; 0 else. */
  readonly size: number;
  readonly logical: LogicalType | null;
  readonly children: null;
}

export interface ParquetGroup {
  readonly name: string;
  readonly repetition: Repetition;
  readonly logical: LogicalType | null;
  readonly children: readonly ParquetNode[];
}

export type ParquetNode = ParquetLeaf | ParquetGroup;

export function leaf(name: string, repetition: Repetition, type: PhysicalType, logical: LogicalType | null = null, size = 0): ParquetLeaf {
  return { name, repetition, type, size, logical, children: null };
}

export function group(
  name: string,
  repetition: Repetition,
  children: readonly ParquetNode[],
  logical: LogicalType | null = null,
): ParquetGroup {
  return { name, repetition, logical, children };
}
