import { ConfigDef } from '../core/config/config-def.ts';
import { ValidList } from '../core/config/validators.ts';
import { ConnectHeaders } from '../core/data/headers.ts';
import { STRING_SCHEMA } from '../core/data/schemas.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';

const OVERVIEW = 'Removes headers by name, every one of that name. Names that a record does not have are ignored.';

const CONFIG = new ConfigDef().define({
  name: 'headers',
  type: 'LIST',
  validator: ValidList.anyNonDuplicateValues(false, false),
  importance: 'HIGH',
  doc: 'Names of the headers to remove.',
});

/** {@link OVERVIEW} */
export class DropHeaders<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  #names: ReadonlySet<string> = new Set();

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#names = new Set(CONFIG.parse(config).getList('headers'));
  }

  apply(record: R): R {
    return record.with({ headers: new ConnectHeaders([...record.headers].filter(({ key }) => !this.#names.has(key))) });
  }
}

export const dropHeadersExamples: readonly TransformationExample[] = [
  {
    summary: 'one of two headers goes',
    transformation: DropHeaders,
    config: { headers: 'trace' },
    have: { headers: new ConnectHeaders().add('trace', 'abc', STRING_SCHEMA).add('origin', 'shop', STRING_SCHEMA) },
    want: { headers: new ConnectHeaders().add('origin', 'shop', STRING_SCHEMA) },
  },
];

export const dropHeadersManifest = transformManifest(
  { name: 'DropHeaders', file: 'drop-headers', overview: OVERVIEW, configDef: CONFIG },
  DropHeaders,
);
