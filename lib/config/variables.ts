import type { ConfigProvider } from './providers/config-provider.ts';

/** A configuration after its variables were replaced. */
export interface ResolvedProps {
  readonly props: Readonly<Record<string, string>>;
  /** Keys in whose value something was replaced: secrets, not to be shown. */
  readonly secretKeys: ReadonlySet<string>;
  /** The shortest time after which a value may have changed, in ms; null = none says so. */
  readonly ttlMs: number | null;
}

/** Connect's own pattern: `${provider:key}` or `${provider:path:key}`. */
const VARIABLE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g;

interface Variable {
  readonly text: string;
  readonly provider: string;
  readonly path: string;
  readonly key: string;
}

/**
 * Replaces variables as Connect does (ConfigTransformer): several in one value, one pass only, so that a replaced text is never read again;
 * a variable whose provider or key does not exist stays as it is. Each provider is asked once per path. Throws what a provider throws.
 */
export async function resolveVariables(
  props: Readonly<Record<string, string>>,
  providers: ReadonlyMap<string, ConfigProvider>,
): Promise<ResolvedProps> {
  const wanted = new Map<string, Map<string, Set<string>>>();
  for (const variable of Object.values(props).flatMap(variablesIn)) {
    if (!providers.has(variable.provider)) continue;
    const paths = wanted.get(variable.provider) ?? new Map<string, Set<string>>();
    wanted.set(variable.provider, paths.set(variable.path, (paths.get(variable.path) ?? new Set()).add(variable.key)));
  }
  const found = new Map<string, string>();
  let ttlMs: number | null = null;
  for (const [name, paths] of wanted) {
    for (const [path, keys] of paths) {
      const answer = await (providers.get(name) as ConfigProvider).get(path, keys);
      for (const [key, value] of Object.entries(answer.data)) found.set(identity(name, path, key), value);
      if (answer.ttlMs !== null) ttlMs = ttlMs === null ? answer.ttlMs : Math.min(ttlMs, answer.ttlMs);
    }
  }
  const secretKeys = new Set<string>();
  const resolved = Object.entries(props).map(([key, value]): [string, string] => {
    const text = value.replace(VARIABLE, (whole, provider: string, _, path: string | undefined, name: string) => {
      const replacement = found.get(identity(provider, path ?? '', name));
      if (replacement === undefined) return whole;
      secretKeys.add(key);
      return replacement;
    });
    return [key, text];
  });
  return { props: Object.fromEntries(resolved), secretKeys, ttlMs };
}

/** The variables in a value, in order. */
export function variablesIn(value: string): Variable[] {
  return [...value.matchAll(VARIABLE)].map(([text, provider = '', , path = '', key = '']) => ({ text, provider, path, key }));
}

function identity(provider: string, path: string, key: string): string {
  return JSON.stringify([provider, path, key]);
}
