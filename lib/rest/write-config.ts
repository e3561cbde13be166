import type { ConnectorProps } from '../core/connector.ts';
import { AlreadyExistsException } from '../core/errors.ts';
import type { TargetState } from '../state/config-store.ts';
import { StateConflictException } from '../state/errors.ts';
import { findConnector, type KnownConnector } from './connector-info.ts';
import { refuseChange } from './deployment-policy.ts';
import { warnOfLiteralSecrets } from './literal-secrets.ts';
import type { RestDeps } from './rest-deps.ts';

/** How often a write is tried again when others write the same connector. */
const ATTEMPTS = 100;
/** Longest wait before the next try, so that many writers do not meet again and again. */
const BACKOFF_MS = 20;

/** Creates a connector. Throws AlreadyExistsException (409) with Connect's text. */
export async function createConnector(
  deps: RestDeps,
  { config, name, writer }: { readonly name: string; readonly config: ConnectorProps; readonly writer: string },
  initialState: TargetState,
): Promise<KnownConnector> {
  const { clock, stores } = deps;
  const exists = () => new AlreadyExistsException(`Connector ${name} already exists`);
  if ((await stores.configs.config(name)) !== null) throw exists();
  try {
    const write = { config, expectedVersion: 0, appliedHash: null, writer, nowMs: clock.now(), initialState };
    await stores.configs.putConfig(name, write);
    warnOfLiteralSecrets(deps, name, config, {});
  } catch (error) {
    if (error instanceof StateConflictException) throw exists();
    throw error;
  }
  return afterWrite(deps, name);
}

/** What is to become of a configuration, and who says so. */
interface ConfigChange {
  readonly name: string;
  readonly writer: string;
  readonly change: (stored: ConnectorProps | null) => Promise<ConnectorProps>;
}

/**
 * Replaces a configuration by what `change` makes of the stored one (null = there is none: it is created). `change` is asked again when
 * another writer was faster, so that no update is lost.
 */
export async function replaceConfig(deps: RestDeps, change: ConfigChange): Promise<Replaced> {
  return deps.turns.take(change.name, () => replaceInTurn(deps, change));
}

/** What became of a change. */
interface Replaced {
  readonly known: KnownConnector;
  readonly created: boolean;
}

async function replaceInTurn(deps: RestDeps, { change, name, writer }: ConfigChange): Promise<Replaced> {
  const { clock, random, stores } = deps;
  for (let attempt = 1; ; attempt++) {
    const stored = await stores.configs.config(name);
    const config = await change(stored?.config ?? null);
    refuseChange(deps.deployment, name, stored?.config ?? null, config);
    try {
      await stores.configs.putConfig(name, {
        config,
        expectedVersion: stored?.version ?? 0,
        // A file that did not change since must not take this back at the next start.
        appliedHash: stored?.appliedHash ?? null,
        writer,
        nowMs: clock.now(),
      });
      warnOfLiteralSecrets(deps, name, config, stored?.config ?? {});
      return { known: await afterWrite(deps, name), created: stored === null };
    } catch (error) {
      if (!(error instanceof StateConflictException) || attempt === ATTEMPTS) throw error;
      await clock.sleep(random() * BACKOFF_MS);
    }
  }
}

async function afterWrite(deps: RestDeps, name: string): Promise<KnownConnector> {
  const known = await findConnector(deps.stores.configs, name);
  if (known === null) throw new StateConflictException(`connector ${name} was deleted at the same time; look at it and try again`);
  await deps.runtime.changed(name, 'configuration');
  return known;
}
