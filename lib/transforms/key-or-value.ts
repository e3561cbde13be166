import type { ConfigDef } from '../core/config/config-def.ts';
import type { Schema } from '../core/data/schema.ts';
import type { PluginClass, PluginManifest } from '../core/manifest.ts';
import type { ConnectRecord } from '../core/record.ts';

/** Which half of a record a transformation works on: Connect has one class for each (`Cast$Key`, `Cast$Value`). */
export type Half = 'key' | 'value';

/** Base of the transformations that exist for keys and for values. */
export abstract class KeyOrValue<R extends ConnectRecord> {
  readonly #isKey: boolean;

  constructor(half: Half) {
    this.#isKey = half === 'key';
  }

  protected schemaOf(record: R): Schema | null {
    return this.#isKey ? record.keySchema : record.valueSchema;
  }

  protected dataOf(record: R): unknown {
    return this.#isKey ? record.key : record.value;
  }

  /** The record with another schema and value in this half. */
  protected changed(record: R, schema: Schema | null, data: unknown): R {
    return record.with(this.#isKey ? { keySchema: schema, key: data } : { valueSchema: schema, value: data });
  }
}

/** What the manifests of one transformation's classes share. */
export interface TransformationDescription {
  /** Connect's name, e.g. `Cast`. */
  readonly name: string;
  /** File without extension, e.g. `cast`. */
  readonly file: string;
  readonly overview: string;
  readonly configDef: ConfigDef;
}

const PACKAGE = 'org.apache.kafka.connect.transforms.';

/** The manifest of a transformation of one class. */
export function transformManifest({ name, file, overview, configDef }: TransformationDescription, plugin: PluginClass): PluginManifest {
  return {
    kind: 'transformation',
    className: PACKAGE + name,
    aliases: [],
    configDef,
    overview,
    module: `transforms/${file}.ts`,
    exportName: name,
    load: async () => plugin,
  };
}

/** The manifests of a transformation for keys and of the same for values. */
export function keyAndValueManifests(
  { name, file, overview, configDef }: TransformationDescription,
  keyPlugin: PluginClass,
  valuePlugin: PluginClass,
): readonly [key: PluginManifest, value: PluginManifest] {
  const manifest = (half: 'Key' | 'Value', plugin: PluginClass): PluginManifest => ({
    kind: 'transformation',
    className: `${PACKAGE}${name}$${half}`,
    aliases: [],
    configDef,
    overview,
    module: `transforms/${file}.ts`,
    exportName: `${name}${half}`,
    load: async () => plugin,
  });
  return [manifest('Key', keyPlugin), manifest('Value', valuePlugin)];
}
