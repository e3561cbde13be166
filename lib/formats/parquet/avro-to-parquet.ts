import { IllegalArgumentException, JavaException } from '../../core/java/exceptions.ts';
import type { AvroProps, AvroSchema, AvroUnion } from '../avro/avro-schema.ts';
import { InvalidSchemaException } from './parquet-errors.ts';
import { group, type LogicalType, leaf, type ParquetGroup, type ParquetNode, type Repetition } from './parquet-schema.ts';

/** How lists are written: `true` as parquet-avro does by default, a repeated element; `false` with a group between, which allows null. */
export interface ListOptions {
  readonly oldLists: boolean;
}

/**
 * The Parquet schema of an Avro record, as parquet-avro's AvroSchemaConverter makes it.
 * Throws IllegalArgumentException for anything but a record, InvalidSchemaException for one without fields.
 */
export function parquetSchema(schema: AvroSchema, options: ListOptions): ParquetGroup {
  if (schema.type !== 'record') throw new IllegalArgumentException('Avro schema must be a record.');
  return group(schema.fullName, 'required', fieldsOf(schema, options, []));
}

function fieldsOf(schema: AvroSchema & { type: 'record' }, options: ListOptions, within: readonly AvroSchema[]): ParquetNode[] {
  if (within.includes(schema))
    throw new JavaException(`a schema that contains itself cannot be Parquet: ${schema.fullName}`, 'java.lang.StackOverflowError');
  if (schema.fields.length === 0) throw new InvalidSchemaException(`Cannot write a schema with an empty group: ${schema.fullName}`);
  return schema.fields.map(({ name, type }) => nodeOf(name, type, 'required', options, [...within, schema]));
}

function nodeOf(
  name: string,
  schema: AvroSchema,
  repetition: Repetition,
  options: ListOptions,
  within: readonly AvroSchema[],
): ParquetNode {
  switch (schema.type) {
    case 'boolean':
      return leaf(name, repetition, 'boolean');
    case 'int':
      return leaf(name, repetition, 'int32', intLogical(schema.props));
    case 'long':
      return leaf(name, repetition, 'int64', longLogical(schema.props));
    case 'float':
      return leaf(name, repetition, 'float');
    case 'double':
      return leaf(name, repetition, 'double');
    case 'bytes':
      return leaf(name, repetition, 'binary', decimal(schema.props));
    case 'string':
      return leaf(name, repetition, 'binary', { kind: 'STRING' });
    case 'enum':
      return leaf(name, repetition, 'binary', { kind: 'ENUM' });
    case 'fixed':
      return leaf(name, repetition, 'fixed_len_byte_array', decimal(schema.props), schema.size);
    case 'record':
      return group(name, repetition, fieldsOf(schema, options, within));
    case 'array': {
      if (options.oldLists) return group(name, repetition, [nodeOf('array', schema.items, 'repeated', options, within)], { kind: 'LIST' });
      const element = nodeOf('element', schema.items, 'required', options, within);
      return group(name, repetition, [group('list', 'repeated', [element])], { kind: 'LIST' });
    }
    case 'map': {
      const value = nodeOf('value', schema.values, 'required', options, within);
      const entry = group('key_value', 'repeated', [leaf('key', 'required', 'binary', { kind: 'STRING' }), value], {
        kind: 'MAP_KEY_VALUE',
      });
      return group(name, repetition, [entry], { kind: 'MAP' });
    }
    case 'union':
      return unionOf(name, schema, repetition, options, within);
    case 'null':
      throw new JavaException('Cannot convert Avro type null', 'java.lang.UnsupportedOperationException');
  }
}

function unionOf(name: string, schema: AvroUnion, given: Repetition, options: ListOptions, within: readonly AvroSchema[]): ParquetNode {
  const others = schema.types.filter(({ type }) => type !== 'null');
  const nullable = others.length < schema.types.length;
  const repetition = nullable ? 'optional' : given;
  if (others.length === 0) throw new JavaException('Cannot convert Avro union of only nulls', 'java.lang.UnsupportedOperationException');
  if (others.length === 1 && nullable) return nodeOf(name, others[0]!, repetition, options, within);
  return group(
    name,
    repetition,
    others.map((member, index) => nodeOf(`member${index}`, member, 'optional', options, within)),
  );
}

function intLogical(props: AvroProps): LogicalType | null {
  switch (props.get('logicalType')) {
    case 'date':
      return { kind: 'DATE' };
    case 'time-millis':
      return { kind: 'TIME', unit: 'MILLIS', utc: true };
    default:
      return null;
  }
}

function longLogical(props: AvroProps): LogicalType | null {
  switch (props.get('logicalType')) {
    case 'time-micros':
      return { kind: 'TIME', unit: 'MICROS', utc: true };
    case 'timestamp-millis':
      return { kind: 'TIMESTAMP', unit: 'MILLIS', utc: true };
    case 'timestamp-micros':
      return { kind: 'TIMESTAMP', unit: 'MICROS', utc: true };
    case 'local-timestamp-millis':
      return { kind: 'TIMESTAMP', unit: 'MILLIS', utc: false };
    case 'local-timestamp-micros':
      return { kind: 'TIMESTAMP', unit: 'MICROS', utc: false };
    default:
      return null;
  }
}

/** null where the numbers are none that Avro takes for a decimal. */
function decimal(props: AvroProps): LogicalType | null {
  if (props.get('logicalType') !== 'decimal') return null;
  const precision = Number(props.get('precision') ?? 0);
  const scale = Number(props.get('scale') ?? 0);
  return precision > 0 && scale >= 0 && scale <= precision ? { kind: 'DECIMAL', precision, scale } : null;
}
