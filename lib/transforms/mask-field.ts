import { ConfigDef } from '../core/config/config-def.ts';
import { NonEmptyString, ValidList } from '../core/config/validators.ts';
import { BigDecimal } from '../core/data/big-decimal.ts';
import { javaClassName } from '../core/data/java-text.ts';
import type { Schema } from '../core/data/schema.ts';
import { Struct } from '../core/data/struct.ts';
import { convertToByte, convertToDouble, convertToFloat, convertToInteger, convertToLong, convertToShort } from '../core/data/values.ts';
import { DataException } from '../core/errors.ts';
import { NumberFormatException } from '../core/java/exceptions.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import { copyMap } from './copy-map.ts';
import type { TransformationExample } from './example.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { fieldValue, REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { requireMap, requireStruct } from './requirements.ts';

const OVERVIEW =
  'Replaces the values of fields: by what is empty for their type (0, false, the empty text, 1970, an empty list), or, for texts and numbers, ' +
  'by a text of your own. Null stays null. A tombstone is an error.';

const PURPOSE = 'mask fields';

const CONFIG = new ConfigDef()
  .define({
    name: 'fields',
    type: 'LIST',
    validator: ValidList.anyNonDuplicateValues(false, false),
    importance: 'HIGH',
    doc: 'Names of the fields to mask.',
  })
  .define({
    name: 'replacement',
    type: 'STRING',
    default: null,
    validator: NonEmptyString,
    importance: 'LOW',
    doc: 'What all of them become instead; only for texts and numbers, and for numbers it has to be one.',
  })
  .define(REPLACE_NULL_WITH_DEFAULT);

abstract class MaskField<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #fields: ReadonlySet<string> = new Set();
  #replacement: string | null = null;
  #replaceNull = true;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#fields = new Set(parsed.getList('fields'));
    this.#replacement = parsed.getString('replacement');
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    const schema = this.schemaOf(record);
    if (schema !== null) return this.changed(record, schema, this.#maskStruct(requireStruct(this.dataOf(record), PURPOSE)));
    const map = requireMap(this.dataOf(record), PURPOSE);
    const updated = copyMap(map);
    for (const field of this.#fields) updated.set(field, this.#masked(map.get(field) ?? null, null));
    return this.changed(record, null, updated);
  }

  #maskStruct(struct: Struct): Struct {
    const updated = new Struct(struct.schema);
    for (const field of struct.schema.fields!) {
      const value = fieldValue(struct, field, this.#replaceNull);
      updated.put(field, this.#fields.has(field.name) ? this.#masked(value, field.schema) : value);
    }
    return updated;
  }

  #masked(value: unknown, schema: Schema | null): unknown {
    if (value === null) return null;
    return this.#replacement === null ? emptyOf(value) : replaced(value, schema, this.#replacement);
  }
}

/** What is empty for the type of a value. */
function emptyOf(value: unknown): unknown {
  switch (typeof value) {
    case 'boolean':
      return false;
    case 'number':
      return 0;
    case 'bigint':
      return 0n;
    case 'string':
      return '';
    default:
  }
  if (value instanceof BigDecimal) return new BigDecimal(0n, 0);
  if (value instanceof Date) return new Date(0);
  if (Array.isArray(value)) return [];
  if (value instanceof Map) return new Map();
  throw new DataException(`Cannot mask value of type: class ${javaClassName(value)}`);
}

/** The replacement as a value of the same type. */
function replaced(value: unknown, schema: Schema | null, replacement: string): unknown {
  if (typeof value === 'string') return replacement;
  if (typeof value === 'bigint') return convertToLong(null, replacement);
  if (typeof value === 'number') return replacedNumber(value, schema, replacement);
  if (!(value instanceof BigDecimal))
    throw new DataException(`Cannot mask value of type class ${javaClassName(value)} with custom replacement.`);
  try {
    return BigDecimal.parse(replacement);
  } catch (error) {
    if (!(error instanceof NumberFormatException)) throw error;
    throw new DataException(`Unable to convert ${replacement} (class java.lang.String) to number`, { cause: error });
  }
}

function replacedNumber(value: number, schema: Schema | null, replacement: string): unknown {
  switch (schema?.type) {
    case 'INT8':
      return convertToByte(null, replacement);
    case 'INT16':
      return convertToShort(null, replacement);
    case 'INT32':
      return convertToInteger(null, replacement);
    case 'FLOAT32':
      return convertToFloat(null, replacement);
    case 'FLOAT64':
      return convertToDouble(null, replacement);
    default:
      return (value | 0) === value ? convertToInteger(null, replacement) : convertToDouble(null, replacement);
  }
}

/** MaskField on record keys. */
export class MaskFieldKey<R extends ConnectRecord = ConnectRecord> extends MaskField<R> {
  constructor() {
    super('key');
  }
}

/** MaskField on record values. */
export class MaskFieldValue<R extends ConnectRecord = ConnectRecord> extends MaskField<R> {
  constructor() {
    super('value');
  }
}

export const maskFieldExamples: readonly TransformationExample[] = [
  {
    summary: 'a text becomes empty, a number 0',
    transformation: MaskFieldValue,
    config: { fields: 'card,amount' },
    have: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['card', '4111'],
        ['amount', 12n],
      ]),
    },
    want: {
      value: new Map<string, unknown>([
        ['id', 7n],
        ['card', ''],
        ['amount', 0n],
      ]),
    },
  },
  {
    summary: 'a replacement of your own',
    transformation: MaskFieldValue,
    config: { fields: 'card', replacement: '****' },
    have: { value: new Map([['card', '4111']]) },
    want: { value: new Map([['card', '****']]) },
  },
];

export const [maskFieldKeyManifest, maskFieldValueManifest] = keyAndValueManifests(
  { name: 'MaskField', file: 'mask-field', overview: OVERVIEW, configDef: CONFIG },
  MaskFieldKey,
  MaskFieldValue,
);
