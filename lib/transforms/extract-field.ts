import { ConfigDef } from '../core/config/config-def.ts';
import { CaseInsensitiveValidString } from '../core/config/validators.ts';
import { IllegalArgumentException } from '../core/java/exceptions.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { FieldPath, type FieldSyntaxVersion } from './field-path.ts';
import { KeyOrValue, keyAndValueManifests } from './key-or-value.ts';
import { REPLACE_NULL_WITH_DEFAULT } from './replace-null-key.ts';
import { requireMapOrNull, requireStructOrNull } from './requirements.ts';

const OVERVIEW =
  'Replaces a key or value by one of its fields. Null stays null. A field that the schema does not have is an error; in data without schema ' +
  'it is null.';

const PURPOSE = 'field extraction';

const CONFIG = new ConfigDef()
  .define({ name: 'field', type: 'STRING', importance: 'MEDIUM', doc: 'The field to extract: a name, or with V2 a path.' })
  .define(REPLACE_NULL_WITH_DEFAULT)
  .define({
    name: 'field.syntax.version',
    type: 'STRING',
    default: 'V1',
    validator: CaseInsensitiveValidString.in('V1', 'V2'),
    importance: 'HIGH',
    doc: 'V1: `field` is a name at the root. V2: `field` is a path whose steps are separated by dots; names with dots stand between backticks, as in `` `foo.bar`.baz ``.',
  });

abstract class ExtractField<R extends ConnectRecord> extends KeyOrValue<R> implements Transformation<R> {
  #pathText = '';
  #path = new FieldPath('', 'V1');
  #replaceNull = true;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#pathText = parsed.getText('field');
    this.#path = new FieldPath(this.#pathText, parsed.getText('field.syntax.version').toUpperCase() as FieldSyntaxVersion);
    this.#replaceNull = parsed.getBoolean('replace.null.with.default');
  }

  apply(record: R): R {
    const schema = this.schemaOf(record);
    if (schema === null) {
      const map = requireMapOrNull(this.dataOf(record), PURPOSE);
      return this.changed(record, null, map === null ? null : this.#path.valueInMap(map));
    }
    const struct = requireStructOrNull(this.dataOf(record), PURPOSE);
    const field = this.#path.fieldOf(schema);
    if (field === null) throw new IllegalArgumentException(`Unknown field: ${this.#pathText}`);
    return this.changed(record, field.schema, struct === null ? null : this.#path.valueIn(struct, this.#replaceNull));
  }
}

/** ExtractField on record keys. */
export class ExtractFieldKey<R extends ConnectRecord = ConnectRecord> extends ExtractField<R> {
  constructor() {
    super('key');
  }
}

/** ExtractField on record values. */
export class ExtractFieldValue<R extends ConnectRecord = ConnectRecord> extends ExtractField<R> {
  constructor() {
    super('value');
  }
}

export const extractFieldExamples: readonly TransformationExample[] = [
  {
    summary: 'a key of one field becomes that field',
    transformation: ExtractFieldKey,
    config: { field: 'id' },
    have: { key: new Map([['id', 7n]]) },
    want: { key: 7n },
  },
  {
    summary: 'a nested field, by its path',
    transformation: ExtractFieldValue,
    config: { field: 'address.city', 'field.syntax.version': 'V2' },
    have: { value: new Map([['address', new Map([['city', 'Bern']])]]) },
    want: { value: 'Bern' },
  },
];

export const [extractFieldKeyManifest, extractFieldValueManifest] = keyAndValueManifests(
  { name: 'ExtractField', file: 'extract-field', overview: OVERVIEW, configDef: CONFIG },
  ExtractFieldKey,
  ExtractFieldValue,
);
