import { Decimal } from '../../../lib/core/data/decimal.ts';
import { ConnectHeaders } from '../../../lib/core/data/headers.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import type { Schema, SchemaType } from '../../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { project } from '../../../lib/core/data/schema-projector.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { validateValue } from '../../../lib/core/data/validate.ts';
import type { ConformanceCase } from '../format/case.ts';
import { decodeSchema, decodeValue, encodeSchema, encodeValue, type SchemaJson, type ValueJson } from '../format/codec.ts';
import { encodeHeaders } from '../format/record-codec.ts';

/** One call of a case: its name and its arguments. */
type Step = readonly [string, ...unknown[]];
interface Input {
  readonly field?: string | null;
  readonly schema: SchemaJson;
  readonly value: ValueJson;
  readonly steps: readonly Step[];
  readonly source: SchemaJson;
  readonly target: SchemaJson;
  readonly logical: string;
  readonly a: SchemaJson;
  readonly b: SchemaJson;
}

const OPERATIONS: Readonly<Record<string, (input: Input) => unknown>> = {
  validateValue({ field, schema, value }) {
    const decoded = decodeSchema(schema)!;
    validateValue(field ?? null, decoded, decodeValue(value, decoded));
    return { valid: true };
  },
  schemaBuilder: ({ steps }) => ({ schema: encodeSchema(buildSchema(steps)) }),
  struct({ schema, steps }) {
    const struct = new Struct(decodeSchema(schema)!);
    let result: unknown;
    for (const step of steps) result = structStep(struct, step);
    return { result, struct: encodeValue(struct, struct.schema) };
  },
  project({ source, value, target }) {
    const from = decodeSchema(source)!;
    const to = decodeSchema(target)!;
    return { value: encodeValue(project(from, decodeValue(value, from), to), to) };
  },
  fromLogical: ({ logical, schema, value }) => ({ value: fromLogical(logical, decodeSchema(schema)!, decodeValue(value)) }),
  toLogical: ({ logical, schema, value }) => ({ value: encodeValue(toLogical(logical, decodeSchema(schema)!, decodeValue(value))) }),
  schemaEquals: ({ a, b }) => ({ equal: decodeSchema(a)!.equals(decodeSchema(b)) }),
  headers: ({ steps }) => headerSteps(steps),
};

export function run({ op, input }: ConformanceCase): unknown {
  return OPERATIONS[op!]!(input as unknown as Input);
}

function schemaOf(argument: unknown): Schema {
  const given = argument as { schema?: SchemaJson };
  return decodeSchema(given.schema) as Schema;
}

function argumentOf(argument: unknown, schema: Schema | null = null): unknown {
  return decodeValue((argument as { value: ValueJson }).value, schema);
}

function buildSchema(steps: readonly Step[]): Schema {
  let builder = SchemaBuilder.int8();
  for (const [name, ...args] of steps) {
    switch (name) {
      case 'type':
        builder = SchemaBuilder.type((argumentOf(args[0]) as string).toUpperCase() as SchemaType);
        break;
      case 'array':
        builder = SchemaBuilder.array(schemaOf(args[0]));
        break;
      case 'map':
        builder = SchemaBuilder.map(schemaOf(args[0]), schemaOf(args[1]));
        break;
      case 'optional':
        builder.optional();
        break;
      case 'required':
        builder.required();
        break;
      case 'default':
        builder.defaultValue(argumentOf(args[0], builder.build()));
        break;
      case 'name':
        builder.name(argumentOf(args[0]) as string);
        break;
      case 'version':
        builder.version(argumentOf(args[0]) as number);
        break;
      case 'doc':
        builder.doc(argumentOf(args[0]) as string);
        break;
      case 'parameter':
        builder.parameter(argumentOf(args[0]) as string, argumentOf(args[1]) as string);
        break;
      case 'field':
        builder.field(argumentOf(args[0]) as string, schemaOf(args[1]));
        break;
      default:
        throw new Error(`unknown step ${name}`);
    }
  }
  return builder.build();
}

function structStep(struct: Struct, [name, ...args]: Step): unknown {
  const field = args[0] as string;
  const fieldSchema = typeof field === 'string' ? (struct.schema.field(field)?.schema ?? null) : null;
  switch (name) {
    case 'put':
      struct.put(field, argumentOf(args[1], fieldSchema));
      return undefined;
    case 'validate':
      struct.validate();
      return undefined;
    case 'toString':
      return encodeValue(struct.toString());
    default: {
      const getter = struct[name as 'getInt32'] as unknown as (field: string) => unknown;
      if (typeof getter !== 'function') throw new Error(`unknown step ${name}`);
      return encodeValue(getter.call(struct, field), fieldSchema);
    }
  }
}

function headerSteps(steps: readonly Step[]): unknown {
  const headers = new ConnectHeaders();
  const outcome: Record<string, unknown> = {};
  for (const [name, ...args] of steps) {
    const key = args[0] as string;
    switch (name) {
      case 'add': {
        const schema = schemaOf(args[1]);
        headers.add(key, argumentOf(args[2], schema), schema);
        break;
      }
      case 'remove':
        headers.remove(key);
        break;
      case 'retainLatest':
        headers.retainLatest(key);
        break;
      case 'clear':
        headers.clear();
        break;
      case 'lastWithName': {
        const last = headers.lastWithName(key);
        outcome.last = last === null ? null : encodeValue(last.value, last.schema);
        break;
      }
      case 'allWithName':
        outcome.all = headers.allWithName(key).map(({ schema, value }) => encodeValue(value, schema));
        break;
      default:
        throw new Error(`unknown step ${name}`);
    }
  }
  return { ...outcome, headers: encodeHeaders(headers) };
}

function fromLogical(logical: string, schema: Schema, value: unknown): ValueJson {
  switch (logical) {
    case 'Decimal':
      return encodeValue(Decimal.fromLogical(schema, value as never));
    case 'Date':
      return { int32: ConnectDate.fromLogical(schema, value as Date) };
    case 'Time':
      return { int32: ConnectTime.fromLogical(schema, value as Date) };
    case 'Timestamp':
      return encodeValue(ConnectTimestamp.fromLogical(schema, value as Date));
    default:
      throw new Error(`unknown logical type ${logical}`);
  }
}

function toLogical(logical: string, schema: Schema, value: unknown): unknown {
  switch (logical) {
    case 'Decimal':
      return Decimal.toLogical(schema, value as Uint8Array);
    case 'Date':
      return ConnectDate.toLogical(schema, value as number);
    case 'Time':
      return ConnectTime.toLogical(schema, value as number);
    case 'Timestamp':
      return ConnectTimestamp.toLogical(schema, value as bigint);
    default:
      throw new Error(`unknown logical type ${logical}`);
  }
}
