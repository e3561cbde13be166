import { readFile } from 'node:fs/promises';
import { ConfigException } from '../../../core/errors.ts';
import { parseProperties } from '../../properties.ts';
import { AllowedPaths } from '../allowed-paths.ts';
import { type ConfigData, type ConfigProvider, pick } from '../config-provider.ts';

/** `${file:/run/secrets/db.properties:password}`: a key of a `.properties` file (UTF-8). Read anew each time. */
export class FileConfigProvider implements ConfigProvider {
  #allowed = new AllowedPaths(undefined);

  configure(params: Readonly<Record<string, string>>): void {
    this.#allowed = new AllowedPaths(params['allowed.paths']);
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ConfigData> {
    const allowed = path === '' ? null : this.#allowed.resolve(path);
    if (allowed === null) return { data: {}, ttlMs: null };
    let text: string;
    try {
      text = await readFile(allowed, 'utf8');
    } catch (cause) {
      throw new ConfigException(`Could not read properties from file ${path}`, { cause });
    }
    return { data: pick(parseProperties(text), keys), ttlMs: null };
  }
}
