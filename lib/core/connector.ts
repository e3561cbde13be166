import type { Clock, Random } from './clock.ts';
import type { ConfigDef, ConfigValue } from './config/config-def.ts';
import type { Logger } from './logger.ts';

/** A configuration as users write it: every value is a text. */
export type ConnectorProps = Readonly<Record<string, string>>;

/** What the runtime gives every connector and task. */
export interface PluginContext {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

/** What the runtime gives a connector. */
export interface ConnectorContext extends PluginContext {
  /** Asks for `taskConfigs` to be called again soon, e.g. because a new table appeared. */
  requestTaskReconfiguration(): void;
  /** Sets the connector FAILED with this error's trace; its tasks go on. */
  raiseError(error: unknown): void;
}

/** The answer of {@link Connector.validate}: one entry per key. */
export interface ConfigValidation {
  readonly values: readonly ConfigValue[];
}

/**
 * A connector: validates its configuration and divides the work into task configurations. It moves no data itself.
 * A new instance is made for each configuration; `start` is called before `taskConfigs`, `stop` afterwards.
 */
export interface Connector<C extends ConnectorContext = ConnectorContext> {
  version(): string;
  initialize(context: C): void;
  /** Called with the whole configuration, variables resolved. Throws ConfigException or ConnectException: the connector is FAILED. */
  start(props: ConnectorProps): void | Promise<void>;
  /** At most `maxTasks` task configurations; fewer when there is less to do, none when there is nothing. May ask the outside world. */
  taskConfigs(maxTasks: number): ConnectorProps[] | Promise<ConnectorProps[]>;
  stop(): void | Promise<void>;
  config(): ConfigDef;
  /** Beyond the ConfigDef: rules between keys, checks against the outside world. Default: `config().validate(props)`. */
  validate?(props: ConnectorProps): ConfigValidation | Promise<ConfigValidation>;
}
