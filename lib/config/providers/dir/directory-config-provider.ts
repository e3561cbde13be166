import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigException } from '../../../core/errors.ts';
import { AllowedPaths } from '../allowed-paths.ts';
import type { ConfigData, ConfigProvider } from '../config-provider.ts';

/** `${dir:/run/secrets:password}`: the content of the file of that name in a folder, as Kubernetes mounts secrets. Read anew each time. */
export class DirectoryConfigProvider implements ConfigProvider {
  #allowed = new AllowedPaths(undefined);

  configure(params: Readonly<Record<string, string>>): void {
    this.#allowed = new AllowedPaths(params['allowed.paths']);
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ConfigData> {
    const allowed = path === '' ? null : this.#allowed.resolve(path);
    const data: Record<string, string> = {};
    if (allowed === null) return { data, ttlMs: null };
    for (const key of keys) {
      // a key is the name of a file in this very folder
      if (key === '' || key === '.' || key === '..' || /[/\\]/.test(key)) continue;
      const file = join(allowed, key);
      const found = await stat(file).catch(() => null);
      if (!found?.isFile()) continue;
      try {
        data[key] = await readFile(file, 'utf8');
      } catch (cause) {
        throw new ConfigException(`Could not read file ${file} for property ${key}`, { cause });
      }
    }
    return { data, ttlMs: null };
  }
}
