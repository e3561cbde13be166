/** `config` and `plan#<n>`: the configuration of a connector, and of one task of a generation. */
import type { ConnectorProps } from '../../core/connector.ts';
import type { StoredConfig } from '../config-store.ts';
import { CONFIG_LIMIT_BYTES, requireFits } from '../limits.ts';
import { type Item, ItemReader } from './item.ts';
import type { ItemUpdate } from './state-table.ts';

/** Conditional on the version that was read; null = there must be none. */
export function configUpdate(stored: StoredConfig, expectedVersion: number | null): ItemUpdate {
  const json = JSON.stringify(stored.config);
  requireFits(`configuration of ${stored.name}`, json, CONFIG_LIMIT_BYTES);
  const { version, appliedHash, writer, writtenAtMs } = stored;
  return {
    set: { config: json, version, appliedHash, writer, writtenAtMs },
    when: [expectedVersion === null ? 'attribute_not_exists(#version)' : '#version = :expected'],
    ...(expectedVersion === null ? {} : { values: { expected: expectedVersion } }),
  };
}

export function storedConfigOf(name: string, item: Item): StoredConfig {
  const read = new ItemReader(item);
  return {
    name,
    config: read.json<ConnectorProps>('config'),
    version: read.number('version'),
    appliedHash: read.textOrNull('appliedHash'),
    writer: read.text('writer'),
    writtenAtMs: read.number('writtenAtMs'),
  };
}

/** The task's configuration as it is stored. Throws DataException where it is too large. */
export function planJson(connector: string, task: number, config: ConnectorProps): string {
  const json = JSON.stringify(config);
  requireFits(`configuration of task ${connector}-${task}`, json, CONFIG_LIMIT_BYTES);
  return json;
}

/** Only the opener of a generation writes its plan; one that comes late must not replace a later generation's. */
export function planUpdate(generation: number, json: string): ItemUpdate {
  return {
    set: { generation, config: json },
    when: ['attribute_not_exists(#generation)', '#generation < :generation'],
    values: { generation },
  };
}

/** null = of another generation. */
export function taskConfigOf(item: Item, generation: number): ConnectorProps | null {
  const read = new ItemReader(item);
  return read.number('generation') === generation ? read.json<ConnectorProps>('config') : null;
}
