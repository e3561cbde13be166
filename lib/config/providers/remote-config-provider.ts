import type { ConfigData, ConfigProvider } from './config-provider.ts';

/**
 * What providers of remote values have in common: `${name:PLACE:MEMBER}` is a member of the value at PLACE, `${name:PLACE}` the whole value.
 * Parameters: `region`, `ttl` (ms after which a connector is told that the value may have changed).
 */
export abstract class RemoteConfigProvider implements ConfigProvider {
  readonly remote = true;
  /** null = the environment's. */
  protected region: string | null = null;
  #ttlMs: number | null = null;

  configure(params: Readonly<Record<string, string>>): void {
    this.region = params.region ?? params['aws.region'] ?? null;
    this.#ttlMs = params.ttl === undefined ? null : Number(params.ttl);
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ConfigData> {
    if (path !== '') return { data: this.members(path, await this.read(path), keys), ttlMs: this.#ttlMs };
    const data: Record<string, string> = {};
    for (const key of keys) data[key] = await this.read(key);
    return { data, ttlMs: this.#ttlMs };
  }

  /** The whole value at a place. */
  protected abstract read(place: string): Promise<string>;

  /** Members of it; throws ConfigException for one that is missing. */
  protected abstract members(place: string, text: string, keys: ReadonlySet<string>): Record<string, string>;
}
