import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/canonical-json.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { ConfigStore, StoredConfig, TargetState } from './config-store.ts';
import { StateConflictException } from './errors.ts';

/** What a file or a deployment says of one connector. */
export interface DeclaredConfiguration {
  readonly name: string;
  readonly config: ConnectorProps;
  /** e.g. `deployment orders`. */
  readonly writer: string;
  readonly nowMs: number;
  /** Of a connector that does not exist yet. @default STARTED */
  readonly initialState?: TargetState;
  /** Asked before a configuration that is there is replaced; throws to refuse. */
  readonly mayReplace?: (stored: StoredConfig) => Promise<void>;
}

/** Keys whose stored value differed from the declared one: what a declaration took back of an earlier write. */
export type ApplyOutcome =
  | { readonly applied: false }
  | { readonly applied: true; readonly version: number; readonly replacedKeys: readonly string[] };

const ATTEMPTS = 5;

/**
 * Applies a declaration unless it is the one last applied, so that a change made over REST survives a repeated deployment or restart; a
 * changed declaration wins. Target state and offsets are never touched. Throws StateConflictException when others keep writing.
 */
export async function applyConfiguration(configs: ConfigStore, declared: DeclaredConfiguration): Promise<ApplyOutcome> {
  const { name, config, writer, nowMs, initialState, mayReplace } = declared;
  const appliedHash = configurationHash(config);
  for (let attempt = 1; ; attempt++) {
    const stored = await configs.config(name);
    if (stored?.appliedHash === appliedHash) return { applied: false };
    if (stored !== null) await mayReplace?.(stored);
    try {
      const write = { config, expectedVersion: stored?.version ?? 0, appliedHash, writer, nowMs };
      // The number of shards is chosen once, with the first configuration; later it changes only while STOPPED.
      const shards = stored === null ? Number(config['lambda.state.shards'] ?? 1) : undefined;
      const { version } = await configs.putConfig(name, {
        ...write,
        ...(initialState === undefined ? {} : { initialState }),
        ...(shards === undefined ? {} : { shards }),
      });
      const before = stored?.config ?? {};
      const replacedKeys = Object.keys({ ...before, ...config }).filter((key) => stored !== null && before[key] !== config[key]);
      return { applied: true, version, replacedKeys: replacedKeys.sort() };
    } catch (error) {
      if (!(error instanceof StateConflictException) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Identity of a declared configuration, whatever order its keys stand in. */
export function configurationHash(config: ConnectorProps): string {
  return createHash('sha256').update(canonicalJson(config)).digest('hex');
}
