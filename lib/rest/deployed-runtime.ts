import type { Triggers } from '../aws/triggers.ts';
import type { Clock } from '../core/clock.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { requestRestart } from '../state/request-restart.ts';
import type { StateStores } from '../state/state-stores.ts';
import type { ConnectorRuntime } from './rest-deps.ts';

/** What runs a connector of a deployment. */
export interface ConnectorTriggers {
  readonly functionName: string;
  /** UUIDs of the event source mappings that feed it; empty where a schedule ticks it. */
  readonly mappings: readonly string[];
}

/** What a {@link DeployedRuntime} is made of. */
export interface DeployedRuntimeOptions {
  readonly stores: StateStores;
  readonly triggers: Triggers;
  /** By connector. Others on the table are run by worker processes, which see by themselves what is written. */
  readonly connectors: ReadonlyMap<string, ConnectorTriggers>;
  /** {@link ConnectorRuntime.settleByHand} */
  readonly settleByHand: (connector: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Connectors that run elsewhere: in functions, which a tick tells of changes, or in workers that share the table. */
export class DeployedRuntime implements ConnectorRuntime {
  readonly #options: DeployedRuntimeOptions;

  constructor(options: DeployedRuntimeOptions) {
    this.#options = options;
  }

  /** Rejects where a mapping cannot be switched: what was written stands, and the same request can be sent again. */
  async changed(connector: string, what: 'configuration' | 'target-state'): Promise<void> {
    const { connectors, stores, triggers } = this.#options;
    const known = connectors.get(connector);
    if (known === undefined) return;
    if (what === 'target-state' && known.mappings.length > 0) {
      const state = await stores.configs.connector(connector);
      const enabled = state?.targetState === 'STARTED';
      // A batch that is delivered to a paused sink meanwhile fails and comes again: nothing is lost by the order of the two.
      await Promise.all(known.mappings.map((mapping) => (enabled ? triggers.enable(mapping) : triggers.disable(mapping))));
    }
    await this.look(connector);
  }

  async look(connector: string): Promise<void> {
    const known = this.#options.connectors.get(connector);
    if (known !== undefined) await this.#tick(connector, known, {});
  }

  async restartConnector(connector: string): Promise<void> {
    const { stores } = this.#options;
    if ((await stores.configs.connector(connector))?.targetState !== 'STARTED') return;
    const done = await this.#restart(connector, null);
    const error = (await stores.configs.connector(connector))?.error ?? null;
    if (done && error !== null) throw new ConnectException(error);
  }

  async restartTask(connector: string, task: number): Promise<void> {
    if ((await this.#options.stores.configs.connector(connector))?.targetState !== 'STARTED') return;
    await this.#restart(connector, task);
  }

  settleByHand(connector: string): Promise<void> {
    return this.#options.settleByHand(connector);
  }

  #restart(connector: string, task: number | null): Promise<boolean> {
    const { clock, connectors, stores } = this.#options;
    const known = connectors.get(connector);
    const wake = async () => {
      if (known !== undefined) await this.#tick(connector, known, { restart: true });
    };
    return requestRestart({ clock, restarts: stores.restarts }, connector, task, wake);
  }

  async #tick(connector: string, { functionName }: ConnectorTriggers, event: { readonly restart?: true }): Promise<void> {
    const { logger, triggers } = this.#options;
    try {
      await triggers.tick(functionName, event);
    } catch (error) {
      logger.warn('cannot tick the connector now; its next tick does it', { connector, error: String(error) });
    }
  }
}
