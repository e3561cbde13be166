import type { Clock, Random } from '../core/clock.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { Logger } from '../core/logger.ts';
import type { SourceEvent } from '../core/source.ts';
import type { KafkaClients } from '../kafka/kafka-clients.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import type { StateStores } from '../state/state-stores.ts';

/** The adapters that whoever runs tasks (a function, the host) chose. */
export interface RuntimeDeps {
  readonly stores: StateStores;
  /** Kafka clients, made when first needed: an event-triggered sink without a dead letter queue never needs one. */
  readonly kafka: () => Promise<KafkaClients>;
  readonly plugins: PluginResolver;
  /** Connect's worker keys. */
  readonly workerProps: ConnectorProps;
  /** Replaces `${provider:path:key}` in a configuration. Throws ConfigException when a provider cannot answer. */
  readonly resolveVariables: (props: ConnectorProps) => Promise<ConnectorProps>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique for one invocation or worker process. */
  readonly owner: string;
  /** Begins transactional ids where the worker has no `group.id`: unique among the deployments on a Kafka cluster. Absent = `group.id` is needed. */
  readonly deployment?: string;
  /** Who a task's status says it ran on, where that is not the owner: host:port of a worker. */
  readonly workerId?: string;
  /** What started this run of a source; absent = its schedule. */
  readonly sourceEvent?: SourceEvent;
}
