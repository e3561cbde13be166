import { ConfigDef } from '../core/config/config-def.ts';
import { NonEmptyString } from '../core/config/validators.ts';
import { ConnectHeaders } from '../core/data/headers.ts';
import { STRING_SCHEMA } from '../core/data/schemas.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Predicate } from '../core/transformation.ts';
import type { PredicateExample } from './example.ts';
import { predicateManifest } from './predicate-manifest.ts';

const OVERVIEW = 'True for records with at least one header of a name, whatever its value.';

const CONFIG = new ConfigDef().define({
  name: 'name',
  type: 'STRING',
  validator: NonEmptyString,
  importance: 'MEDIUM',
  doc: 'Name of the header, in exactly this case.',
});

/** {@link OVERVIEW} */
export class HasHeaderKey<R extends ConnectRecord = ConnectRecord> implements Predicate<R> {
  #name = '';

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    this.#name = CONFIG.parse(config).getText('name');
  }

  test(record: R): boolean {
    return record.headers.lastWithName(this.#name) !== null;
  }
}

export const hasHeaderKeyExamples: readonly PredicateExample[] = [
  {
    summary: 'the header is there',
    predicate: HasHeaderKey,
    config: { name: 'trace' },
    have: { headers: new ConnectHeaders().add('trace', 'abc', STRING_SCHEMA) },
    want: true,
  },
  { summary: 'it is not', predicate: HasHeaderKey, config: { name: 'trace' }, have: {}, want: false },
];

export const hasHeaderKeyManifest = predicateManifest('HasHeaderKey', 'has-header-key', OVERVIEW, CONFIG, HasHeaderKey);
