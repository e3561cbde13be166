import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, normalize, sep } from 'node:path';
import { ConfigException } from '../../core/errors.ts';

/** `allowed.paths` of the file and directory providers: where they may read. */
export class AllowedPaths {
  /** null = everywhere. */
  readonly #folders: readonly string[] | null;

  /** Throws ConfigException for a path that is not absolute or does not exist. */
  constructor(setting: string | undefined) {
    this.#folders = setting === undefined || setting.trim() === '' ? null : setting.split(',').map((path) => checked(path.trim()));
  }

  /** The path to read; null = not allowed. */
  resolve(path: string): string | null {
    if (this.#folders === null) return path;
    if (!existsSync(path)) return null;
    const real = realpathSync(normalize(path));
    return this.#folders.some((folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) ? real : null;
  }
}

function checked(path: string): string {
  if (!isAbsolute(path)) throw new ConfigException(`Path ${path} is not absolute`);
  if (!existsSync(path)) throw new ConfigException(`Path ${path} does not exist`);
  return realpathSync(path);
}
