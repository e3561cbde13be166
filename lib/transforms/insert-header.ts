import { ConfigDef } from '../core/config/config-def.ts';
import { NonNull } from '../core/config/validators.ts';
import { ConnectHeaders } from '../core/data/headers.ts';
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../core/data/schema-and-value.ts';
import { INT16_SCHEMA } from '../core/data/schemas.ts';
import { parseString } from '../core/data/values-parse.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';

const OVERVIEW =
  'Adds the same header to every record, behind those it has. The type of its value is taken from the text: `true` is a BOOLEAN, `5` an INT8, ' +
  '`[1,2]` an array, a date a Date; anything else is a STRING.';

const CONFIG = new ConfigDef()
  .define({ name: 'header', type: 'STRING', validator: NonNull, importance: 'HIGH', doc: 'Name of the header.' })
  .define({ name: 'value.literal', type: 'STRING', validator: NonNull, importance: 'HIGH', doc: 'Value of the header, as text.' });

/** {@link OVERVIEW} */
export class InsertHeader<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  #header = '';
  #literal: SchemaAndValue = NULL_SCHEMA_AND_VALUE;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#header = parsed.getText('header');
    this.#literal = parseString(parsed.getText('value.literal'));
  }

  apply(record: R): R {
    return record.with({ headers: record.headers.duplicate().add(this.#header, this.#literal.value, this.#literal.schema) });
  }
}

export const insertHeaderExamples: readonly TransformationExample[] = [
  {
    summary: 'a number becomes the smallest type that holds it',
    transformation: InsertHeader,
    config: { header: 'shard', 'value.literal': '300' },
    have: {},
    want: { headers: new ConnectHeaders().add('shard', 300, INT16_SCHEMA) },
  },
];

export const insertHeaderManifest = transformManifest(
  { name: 'InsertHeader', file: 'insert-header', overview: OVERVIEW, configDef: CONFIG },
  InsertHeader,
);
