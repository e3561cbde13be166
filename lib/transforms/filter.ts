import { ConfigDef } from '../core/config/config-def.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';

const OVERVIEW = 'Drops every record it is applied to. Give it a predicate, so that only some are.';

const CONFIG = new ConfigDef();

/** {@link OVERVIEW} */
export class Filter<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  config(): ConfigDef {
    return CONFIG;
  }

  configure(): void {}

  apply(_record: R): R | null {
    return null;
  }
}

export const filterExamples: readonly TransformationExample[] = [
  { summary: 'the record is dropped', transformation: Filter, config: {}, have: { value: 'anything' }, want: null },
];

export const filterManifest = transformManifest({ name: 'Filter', file: 'filter', overview: OVERVIEW, configDef: CONFIG }, Filter);
