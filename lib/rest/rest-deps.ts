import type { DeploymentPolicy } from '../config/deployment-policy.ts';
import type { ConfigProvider } from '../config/providers/config-provider.ts';
import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { Logger } from '../core/logger.ts';
import type { KafkaClients } from '../kafka/kafka-clients.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import type { StateStores } from '../state/state-stores.ts';
import type { Turns } from './turns.ts';

/** What runs the connectors that the API speaks of. Configurations and target states go through the state, never through here. */
export interface ConnectorRuntime {
  /**
   * Something about this connector was written: look at it now rather than at the next round. Resolves as soon as the request may be answered;
   * rejects where what was written cannot take effect.
   */
  changed(connector: string, what: 'configuration' | 'target-state'): Promise<void>;
  /** Looks at the connector now. Resolves (never rejects) once what is written there was acted on, as far as that can be waited for. */
  look(connector: string): Promise<void>;
  /** Starts the connector (not its tasks) anew. Rejects with what its start throws; resolves at once where it is not to run. */
  restartConnector(connector: string): Promise<void>;
  /** Stops the task if it runs, and starts it again; a FAILED one too. Resolves once it stopped. */
  restartTask(connector: string, task: number): Promise<void>;
  /**
   * Fences every task that an exactly-once source ever had and makes the state table and Kafka agree about its transactions; what nobody can know is
   * dropped, because offsets are set by hand next. The connector is STOPPED. Nothing to do for others. Rejects where Kafka cannot be reached.
   */
  settleByHand(connector: string): Promise<void>;
}

/** Log levels by namespace. `root` is always there. */
export interface LogLevels {
  list(): readonly LevelOfLogger[];
  set(logger: string, level: string, nowMs: number): void;
}

/** The level of one namespace. */
export interface LevelOfLogger {
  readonly logger: string;
  /** In capitals, as Log4j names it. */
  readonly level: string;
  /** null = never changed. */
  readonly changedAtMs: number | null;
}

/** What the resources need. */
export interface RestDeps {
  readonly stores: StateStores;
  readonly kafka: () => Promise<KafkaClients>;
  readonly plugins: PluginResolver;
  /** Connect's worker keys, variables unresolved. */
  readonly workerProps: ConnectorProps;
  readonly providers: ReadonlyMap<string, ConfigProvider>;
  readonly resolveVariables: (props: ConnectorProps) => Promise<ConnectorProps>;
  readonly runtime: ConnectorRuntime;
  /** What a deployment fixes; null = nothing. */
  readonly deployment: DeploymentPolicy | null;
  readonly levels: LogLevels;
  /** A text that people read, without secrets that providers resolved. */
  readonly hideSecrets: (text: string) => string;
  /** `host:port` under which this process is reached. */
  readonly workerId: string;
  /** Changes of one connector's configuration wait for each other. */
  readonly turns: Turns;
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}
