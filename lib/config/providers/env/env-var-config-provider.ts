import { ConfigException } from '../../../core/errors.ts';
import { JavaPattern } from '../../../core/java/regex.ts';
import { type ConfigData, type ConfigProvider, pick } from '../config-provider.ts';

/** `${env:DB_PASSWORD}`: a variable of the process's environment; the path must be empty. `allowlist.pattern` limits the names. */
export class EnvVarConfigProvider implements ConfigProvider {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #visible: Readonly<Record<string, string>> = {};

  constructor(environment: Readonly<Record<string, string | undefined>> = process.env) {
    this.#environment = environment;
    this.configure({});
  }

  configure(params: Readonly<Record<string, string>>): void {
    const allowed = params['allowlist.pattern'] === undefined ? null : new JavaPattern(params['allowlist.pattern']);
    this.#visible = Object.fromEntries(
      Object.entries(this.#environment).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && (allowed === null || allowed.matches(entry[0])),
      ),
    );
  }

  get(path: string, keys: ReadonlySet<string>): ConfigData {
    if (path !== '') throw new ConfigException(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`);
    return { data: pick(this.#visible, keys), ttlMs: null };
  }
}
