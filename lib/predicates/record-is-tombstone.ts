import { ConfigDef } from '../core/config/config-def.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Predicate } from '../core/transformation.ts';
import type { PredicateExample } from './example.ts';
import { predicateManifest } from './predicate-manifest.ts';

const OVERVIEW = 'True for records whose value is null, with or without a schema.';

const CONFIG = new ConfigDef();

/** {@link OVERVIEW} */
export class RecordIsTombstone<R extends ConnectRecord = ConnectRecord> implements Predicate<R> {
  config(): ConfigDef {
    return CONFIG;
  }

  configure(): void {}

  test(record: R): boolean {
    return record.value === null;
  }
}

export const recordIsTombstoneExamples: readonly PredicateExample[] = [
  { summary: 'no value', predicate: RecordIsTombstone, config: {}, have: { value: null }, want: true },
  { summary: 'an empty text is a value', predicate: RecordIsTombstone, config: {}, have: { value: '' }, want: false },
];

export const recordIsTombstoneManifest = predicateManifest('RecordIsTombstone', 'record-is-tombstone', OVERVIEW, CONFIG, RecordIsTombstone);
