import { encodeKafkaEvent } from '../../kafka/event-source-mapping.ts';
import type { KafkaClients } from '../../kafka/kafka-clients.ts';
import type { FunctionAnswer } from '../event-source-mapping/delivery.ts';
import type { EventSourceMappingOptions } from '../event-source-mapping/event-source-mapping.ts';

interface MappingProperties {
  readonly FunctionName: string;
  /** Of an MSK cluster. */
  readonly EventSourceArn?: string;
  readonly Topics: readonly [string];
  readonly BatchSize?: number;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly StartingPosition?: 'TRIM_HORIZON' | 'LATEST';
  readonly SelfManagedEventSource?: { readonly Endpoints: { readonly KafkaBootstrapServers: readonly string[] } };
  readonly SelfManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
  readonly AmazonManagedKafkaEventSourceConfig?: { readonly ConsumerGroupId: string };
  readonly ProvisionedPollerConfig?: { readonly MaximumPollers?: number };
  readonly FunctionResponseTypes?: readonly string[];
  readonly MaximumRetryAttempts?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly FilterCriteria?: unknown;
}

/** A mapping of the template as options of the local poller, with clients of its own to close. Throws Error for what the poller cannot do. */
export function mappingOptions(
  resolved: Readonly<Record<string, unknown>>,
  world: {
    /** Where functions run: the Lambda host, or an endpoint that serves Invoke. */
    readonly host: { invoke(functionName: string, event: unknown): Promise<FunctionAnswer> };
    readonly kafka: KafkaClients;
    readonly workerProps: Readonly<Record<string, string>>;
    readonly concurrencyOf: (functionName: string) => number;
  },
): { options: EventSourceMappingOptions; close: () => Promise<void> } {
  const properties = resolved as unknown as MappingProperties;
  const [topic] = properties.Topics;
  if (properties.FilterCriteria !== undefined) {
    throw new Error(`the mapping of ${topic} has a filter, which the local poller does not apply: take lambda.filter out for a local run`);
  }
  const bootstrapServers = properties.SelfManagedEventSource?.Endpoints.KafkaBootstrapServers.join(',') ?? '';
  // Its connections are not shared with anybody: a long fetch would hold up others behind it.
  const settings = { 'bootstrap.servers': bootstrapServers, ...world.workerProps, 'client.id': `event-source-mapping-${topic}` };
  const reader = world.kafka.reader(settings);
  const admin = world.kafka.admin(settings);
  const functionName = properties.FunctionName.split(':')[6] ?? properties.FunctionName;
  const config = properties.SelfManagedKafkaEventSourceConfig ?? properties.AmazonManagedKafkaEventSourceConfig;
  const options: EventSourceMappingOptions = {
    topic,
    groupId: config?.ConsumerGroupId ?? `${functionName}-${topic}`,
    reader,
    admin,
    groupOffsets: world.kafka.groupOffsets({ ...settings, 'client.id': `${settings['client.id']}-offsets` }),
    toEvent: (records) => encodeKafkaEvent(records, { clusterArn: properties.EventSourceArn ?? null, bootstrapServers }),
    invoke: (event) => world.host.invoke(functionName, event),
    batchSize: properties.BatchSize ?? 100,
    batchWindowMs: properties.MaximumBatchingWindowInSeconds === undefined ? 500 : properties.MaximumBatchingWindowInSeconds * 1000,
    startingPosition: properties.StartingPosition ?? 'TRIM_HORIZON',
    // On demand Lambda scales to the lag; more than the function may run at once would only be throttled.
    pollers: properties.ProvisionedPollerConfig?.MaximumPollers ?? world.concurrencyOf(functionName),
    reportBatchItemFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    maximumRetryAttempts: properties.MaximumRetryAttempts ?? -1,
    maximumRecordAgeSeconds: properties.MaximumRecordAgeInSeconds ?? -1,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError ?? false,
  };
  return {
    options,
    async close() {
      await reader.close();
      await admin.close();
    },
  };
}
