import { ConfigException } from '../errors.ts';
import type { Password } from './password.ts';

/** A configuration after parsing: typed values by key. Asking for a key that the ConfigDef does not know is our own mistake and throws. */
export class ParsedConfig {
  readonly values: ReadonlyMap<string, unknown>;
  /** What it was parsed from, unknown keys included. */
  readonly originals: Readonly<Record<string, unknown>>;

  constructor(values: ReadonlyMap<string, unknown>, originals: Readonly<Record<string, unknown>>) {
    this.values = values;
    this.originals = originals;
  }

  get(name: string): unknown {
    if (!this.values.has(name)) throw new ConfigException(`Unknown configuration '${name}'`);
    return this.values.get(name);
  }

  getString(name: string): string | null {
    return this.get(name) as string | null;
  }

  /** A STRING or CLASS that has a value, by default or by definition. */
  getText(name: string): string {
    return this.get(name) as string;
  }

  getBoolean(name: string): boolean {
    return this.get(name) as boolean;
  }

  /** INT, SHORT or DOUBLE. */
  getNumber(name: string): number {
    return this.get(name) as number;
  }

  getLong(name: string): bigint {
    return this.get(name) as bigint;
  }

  getList(name: string): readonly string[] {
    return this.get(name) as readonly string[];
  }

  getPassword(name: string): Password | null {
    return this.get(name) as Password | null;
  }

  /** The original entries whose key begins with `prefix`, without it. */
  withPrefix(prefix: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.originals)) {
      if (key.startsWith(prefix) && key.length > prefix.length) found[key.slice(prefix.length)] = String(value);
    }
    return found;
  }
}
