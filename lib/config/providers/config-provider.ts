import type { MaybePromise } from '../../core/converter.ts';

/** What a provider knows under a path. */
export interface ConfigData {
  readonly data: Readonly<Record<string, string>>;
  /** After so many ms the values may have changed; null = they do not change by themselves. */
  readonly ttlMs: number | null;
}

/** Answers `${provider:path:key}`. Connect's ConfigProvider. */
export interface ConfigProvider {
  /** It asks a service over the network; a check that is to stay on this machine leaves it out. */
  readonly remote?: true;
  /** `config.providers.<name>.param.*` without the prefix. Throws ConfigException. */
  configure(params: Readonly<Record<string, string>>): void;
  /** Those of `keys` that exist under `path` (empty when the variable names none). Throws ConfigException when the path cannot be read. */
  get(path: string, keys: ReadonlySet<string>): MaybePromise<ConfigData>;
  close?(): void | Promise<void>;
}

/** Those of the keys that are there. */
export function pick(data: Readonly<Record<string, string>>, keys: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries([...keys].filter((key) => Object.hasOwn(data, key)).map((key) => [key, data[key] as string]));
}
