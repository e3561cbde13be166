import type { SchemaElement, SchemaTree } from 'hyparquet';
import { DataException } from '../../core/errors.ts';
import type { Json } from '../avro/avro-schema.ts';

/** The three-level form: a group that repeats, with one member that is the element. Older forms repeat the element itself. */
export function elementOf(list: SchemaTree): { readonly node: SchemaTree; readonly repeated: SchemaTree } {
  const repeated = list.children[0]!;
  const [only, ...others] = repeated.children;
  // The rules for old lists: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#backward-compatibility-rules
  const isElement =
    only === undefined ||
    others.length > 0 ||
    repeated.element.name === 'array' ||
    repeated.element.name === `${list.element.name}_tuple` ||
    only.element.repetition_type === 'REPEATED';
  return { node: isElement ? repeated : only, repeated };
}

export function isList({ element, children }: SchemaTree): boolean {
  return (
    (element.converted_type === 'LIST' || element.logical_type?.type === 'LIST') && children[0]?.element.repetition_type === 'REPEATED'
  );
}

export function isMap({ element, children }: SchemaTree): boolean {
  const annotated = element.converted_type === 'MAP' || element.converted_type === 'MAP_KEY_VALUE' || element.logical_type?.type === 'MAP';
  return annotated && children[0]?.children.length === 2 && children[0].element.repetition_type === 'REPEATED';
}

/** The Avro schema of a file that brings none of its own, as parquet-avro's AvroSchemaConverter makes it; as Avro's JSON. */
export function avroOfParquet(root: SchemaTree): Json {
  return record(root, root.element.name.replace(/[^A-Za-z0-9_.]/g, '_') || 'root');
}

function record({ children }: SchemaTree, name: string): Json {
  return {
    type: 'record',
    name,
    fields: children.map((child): Json => {
      const type = repeated(child, `${name}.${child.element.name}`);
      return child.element.repetition_type === 'OPTIONAL'
        ? { name: child.element.name, type: ['null', type], default: null }
        : { name: child.element.name, type };
    }),
  };
}

/** A field that repeats outside of a list is a list of its own. */
function repeated(node: SchemaTree, name: string): Json {
  const type = typeOf(node, name);
  return node.element.repetition_type === 'REPEATED' ? { type: 'array', items: type } : type;
}

function typeOf(node: SchemaTree, name: string): Json {
  const orNull = (child: SchemaTree, inner: string): Json => {
    const type = typeOf(child, inner);
    return child.element.repetition_type === 'OPTIONAL' ? ['null', type] : type;
  };
  if (node.children.length === 0) return leafType(node.element, name);
  if (isList(node)) return { type: 'array', items: orNull(elementOf(node).node, `${name}.element`) };
  if (isMap(node)) return { type: 'map', values: orNull(node.children[0]!.children[1]!, `${name}.value`) };
  return record(node, name);
}

function leafType(element: SchemaElement, name: string): Json {
  const logical = element.logical_type;
  const converted = element.converted_type;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    const { precision = 0, scale = 0 } = logical?.type === 'DECIMAL' ? logical : element;
    return { type: 'bytes', logicalType: 'decimal', precision, scale };
  }
  switch (element.type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INT32':
      if (logical?.type === 'DATE' || converted === 'DATE') return { type: 'int', logicalType: 'date' };
      if (logical?.type === 'TIME' || converted === 'TIME_MILLIS') return { type: 'int', logicalType: 'time-millis' };
      return converted === 'UINT_32' || (logical?.type === 'INTEGER' && !logical.isSigned && logical.bitWidth === 32) ? 'long' : 'int';
    case 'INT64': {
      const unit = logical?.type === 'TIMESTAMP' || logical?.type === 'TIME' ? logical.unit : null;
      // Connect's timestamps are milliseconds; finer ones stay whole as the numbers they are
      if (converted === 'TIMESTAMP_MILLIS' || (logical?.type === 'TIMESTAMP' && unit === 'MILLIS')) {
        return { type: 'long', logicalType: 'timestamp-millis' };
      }
      return 'long';
    }
    case 'FLOAT':
      return 'float';
    case 'DOUBLE':
      return 'double';
    case 'FIXED_LEN_BYTE_ARRAY':
      return 'bytes';
    case 'BYTE_ARRAY':
      return /^(UTF8|ENUM|JSON)$/.test(converted ?? '') || /^(STRING|ENUM|JSON)$/.test(logical?.type ?? '') ? 'string' : 'bytes';
    default:
      throw new DataException(`field ${name} is ${element.type}, which has no type in Avro and Connect`);
  }
}
