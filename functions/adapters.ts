import { configProviderAccess } from '../lib/aws/config-provider-call.ts';
import { invokeAsynchronously } from '../lib/aws/self-invocation.ts';
import { allProviders } from '../lib/config/providers/aws-providers.ts';
import { createConfigProviders } from '../lib/config/providers/config-providers.ts';
import { ResolvedSecrets } from '../lib/config/resolved-secrets.ts';
import { resolveVariables } from '../lib/config/variables.ts';
import { createLineLogger, jsonLine, type LogLevel } from '../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { KafkaClients } from '../lib/kafka/kafka-clients.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { createPluginResolver } from '../lib/plugins/plugin-resolver.ts';
import type { InvocationDeps } from '../lib/runtime/invocation.ts';
import { createDynamoDbClient } from '../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../lib/state/dynamodb/create-dynamodb-stores.ts';
import { hideInTraces } from '../lib/state/hide-in-traces.ts';
import { functionEnvironment } from './function-environment.ts';
import type { InvocationContext } from './middleware/abort-at-deadline.ts';
import type { MeasuredFunction } from './middleware/measure.ts';
import { printLine } from './print-line.ts';

/** What warm invocations share: connections, and nothing that belongs to one invocation. */
export interface Adapters {
  readonly measured: MeasuredFunction;
  dependencies(context: InvocationContext): InvocationDeps;
  /** Drops every connection; the next use opens new ones. */
  disconnect(): Promise<void>;
}

/** Chooses the adapters of a function. Called while the environment initialises; connects to nothing yet. */
export function createAdapters(registry: PluginRegistry): Adapters {
  const { table, pipeline, connector, workerProps, bundleHash, functionName } = functionEnvironment(process.env);
  const plugins = createPluginResolver(registry);
  const secrets = new ResolvedSecrets();
  const kinds = allProviders(configProviderAccess(process.env));
  const providers = secrets.watch(createConfigProviders(workerProps, { defaults: true, kinds }));
  const lines = createLineLogger(
    {
      level: () => (process.env.LOG_LEVEL as LogLevel | undefined) ?? 'info',
      now: SYSTEM_CLOCK.now,
      write: (line) => printLine(jsonLine(line)),
    },
    { connector },
  );
  const logger = secrets.logger(lines);
  let dynamoDb = createDynamoDbClient();
  const openStores = () => hideInTraces(createDynamoDbStores({ client: dynamoDb, table }), (text) => secrets.hide(text));
  let stores = openStores();
  let kafka: Promise<KafkaClients> | null = null;

  // Loaded at the first use: a sink fed by events has no other need for a Kafka client than its dead letters.
  const connectKafka = async (): Promise<KafkaClients> => {
    const { createKafkaClients } = await import('../lib/kafka/kafkajs/kafka-clients.ts');
    return createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
  };

  return {
    measured: { pipeline, connector },
    dependencies: (context) => ({
      stores,
      kafka: () => (kafka ??= connectKafka()),
      plugins,
      resolveVariables: async (props) => (await resolveVariables(props, providers)).props,
      logger: logger.child({ requestId: context.awsRequestId }),
      clock: SYSTEM_CLOCK,
      random: Math.random,
      invokeSelf: (event) => invokeAsynchronously(functionName, event, process.env),
      owner: `${functionName}/${context.awsRequestId}`,
      deployment: table,
      connector,
      workerProps,
      ...(bundleHash === undefined ? {} : { bundleHash }),
      remainingMs: () => context.getRemainingTimeInMillis(),
      signal: context.signal,
      watch: context.watch,
    }),
    async disconnect() {
      const open = kafka;
      kafka = null;
      dynamoDb.destroy();
      dynamoDb = createDynamoDbClient();
      stores = openStores();
      await (await open)?.close();
    },
  };
}
