import { ConfigException } from '../../core/errors.ts';
import type { ConfigProvider } from './config-provider.ts';
import { DirectoryConfigProvider } from './dir/directory-config-provider.ts';
import { EnvVarConfigProvider } from './env/env-var-config-provider.ts';
import { FileConfigProvider } from './file/file-config-provider.ts';

/** How a kind of provider is made; `names` are the class names that mean it. */
export interface ConfigProviderKind {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly create: () => ConfigProvider;
}

const PACKAGE = 'org.apache.kafka.common.config.provider';

/** The providers that need no client of their own. */
export const LOCAL_PROVIDERS: readonly ConfigProviderKind[] = [
  { name: 'file', classNames: [`${PACKAGE}.FileConfigProvider`, 'FileConfigProvider'], create: () => new FileConfigProvider() },
  {
    name: 'dir',
    classNames: [`${PACKAGE}.DirectoryConfigProvider`, 'DirectoryConfigProvider'],
    create: () => new DirectoryConfigProvider(),
  },
  { name: 'env', classNames: [`${PACKAGE}.EnvVarConfigProvider`, 'EnvVarConfigProvider'], create: () => new EnvVarConfigProvider() },
];

/**
 * The providers of a worker by the name that variables use. `config.providers` decides as in Connect; without it, those of `kinds` are there
 * under their own names (`defaults`), so that `${env:X}` works in a pipeline file as it stands.
 * Throws ConfigException for a class that is none of `kinds`.
 */
export function createConfigProviders(
  worker: Readonly<Record<string, string>>,
  options: { readonly defaults: boolean; readonly kinds?: readonly ConfigProviderKind[] },
): ReadonlyMap<string, ConfigProvider> {
  const kinds = options.kinds ?? LOCAL_PROVIDERS;
  const providers = new Map<string, ConfigProvider>();
  const listed = (worker['config.providers'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (options.defaults && listed.length === 0) {
    for (const kind of kinds) providers.set(kind.name, kind.create());
    return providers;
  }
  for (const name of listed) {
    const prefix = `config.providers.${name}.`;
    const className = worker[`${prefix}class`]?.trim();
    const kind = kinds.find((each) => each.name === className || each.classNames.includes(className ?? ''));
    if (kind === undefined) {
      throw new ConfigException(
        `Invalid value ${className ?? null} for configuration ${prefix}class: Class ${className ?? null} could not be found. ` +
          `Known: ${kinds.map((each) => each.classNames[0]).join(', ')}`,
        { code: 'unknown-class' },
      );
    }
    const provider = kind.create();
    const params = Object.entries(worker).filter(([key]) => key.startsWith(`${prefix}param.`));
    provider.configure(Object.fromEntries(params.map(([key, value]) => [key.slice(`${prefix}param.`.length), value])));
    providers.set(name, provider);
  }
  return providers;
}
