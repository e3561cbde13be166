import type { ConfigStore, ConnectorState, StoredConfig } from '../state/config-store.ts';
import type { RestDeps } from './rest-deps.ts';
import { connectorNotFound } from './rest-exception.ts';

/** What Connect calls ConnectorInfo. */
export interface ConnectorInfo {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly tasks: readonly { readonly connector: string; readonly task: number }[];
  readonly type: 'source' | 'sink' | 'unknown';
}

/** A connector as it is stored. */
export interface KnownConnector {
  readonly state: ConnectorState;
  readonly stored: StoredConfig;
}

/** null = there is no such connector. */
export async function findConnector(configs: ConfigStore, name: string): Promise<KnownConnector | null> {
  const [state, stored] = await Promise.all([configs.connector(name), configs.config(name)]);
  return state === null || stored === null ? null : { state, stored };
}

/** Throws RestException (404, `Connector x not found`). */
export async function requireConnector(configs: ConfigStore, name: string): Promise<KnownConnector> {
  const known = await findConnector(configs, name);
  if (known === null) throw connectorNotFound(name);
  return known;
}

export function connectorInfo({ plugins }: RestDeps, { state, stored }: KnownConnector): ConnectorInfo {
  return {
    name: state.name,
    config: stored.config,
    tasks: Array.from({ length: state.taskCount }, (_, task) => ({ connector: state.name, task })),
    type: manifestOf(plugins, stored)?.kind ?? 'unknown',
  };
}

/** The plug-in of a configuration; null = it names none that is here. */
export function manifestOf(plugins: RestDeps['plugins'], { config }: StoredConfig): ReturnType<RestDeps['plugins']['connector']> | null {
  try {
    return plugins.connector(config['connector.class']?.trim() ?? '');
  } catch {
    return null;
  }
}
