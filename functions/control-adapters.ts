import { randomUUID } from 'node:crypto';
import { configProviderAccess } from '../lib/aws/config-provider-call.ts';
import { createLambdaTriggers } from '../lib/aws/lambda-triggers.ts';
import type { DeploymentPolicy } from '../lib/config/deployment-policy.ts';
import { allProviders } from '../lib/config/providers/aws-providers.ts';
import { createConfigProviders } from '../lib/config/providers/config-providers.ts';
import { ResolvedSecrets } from '../lib/config/resolved-secrets.ts';
import { resolveVariables } from '../lib/config/variables.ts';
import type { LogLevel } from '../lib/core/line-logger.ts';
import { createLineLogger, jsonLine } from '../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { KafkaClients } from '../lib/kafka/kafka-clients.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { createPluginResolver } from '../lib/plugins/plugin-resolver.ts';
import { DeployedRuntime } from '../lib/rest/deployed-runtime.ts';
import { ProcessLogLevels } from '../lib/rest/log-levels.ts';
import { LoggerFollower } from '../lib/rest/logger-follower.ts';
import type { RestHandler } from '../lib/rest/router.ts';
import { createRestApi } from '../lib/rest/routes.ts';
import { settleByHand } from '../lib/runtime/settle-by-hand.ts';
import { createDynamoDbClient } from '../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../lib/state/dynamodb/create-dynamodb-stores.ts';
import { hideInTraces } from '../lib/state/hide-in-traces.ts';
import { controlEnvironment } from './function-environment.ts';

/** What the bundle of a control function is made of. */
export interface ControlDefinition {
  /** The plug-ins that the API knows. */
  readonly registry: PluginRegistry;
  /** Of this package. */
  readonly version: string;
  /** What the deployment fixes; null = nothing: connectors are created by REST and run by worker processes on the same table. */
  readonly deployment: DeploymentPolicy | null;
  /** Names of the functions, by connector. */
  readonly functions: Readonly<Record<string, string>>;
}

/** What warm invocations share. */
export interface ControlAdapters {
  handle: RestHandler;
  /** Drops every connection; the next use opens new ones. */
  disconnect(): Promise<void>;
}

/** Chooses the adapters of the control function. Called while the environment initialises; connects to nothing yet. */
export function createControlAdapters({ deployment, functions, registry, version }: ControlDefinition): ControlAdapters {
  const { functionName, mappings, table, workerProps } = controlEnvironment(process.env);
  const plugins = createPluginResolver(registry);
  const secrets = new ResolvedSecrets();
  const kinds = allProviders(configProviderAccess(process.env));
  const providers = secrets.watch(createConfigProviders(workerProps, { defaults: true, kinds }));
  const levels = new ProcessLogLevels((process.env.LOG_LEVEL as LogLevel | undefined) ?? 'info');
  const logger = secrets.logger(
    createLineLogger({
      level: (namespace) => levels.levelOf(namespace),
      now: SYSTEM_CLOCK.now,
      write: (line) => process.stdout.write(`${jsonLine(line)}\n`),
    }),
  );
  const connectors = new Map(
    Object.entries(functions).map(([name, target]) => [name, { functionName: target, mappings: mappings[name] ?? [] }]),
  );
  const triggers = createLambdaTriggers(process.env, SYSTEM_CLOCK);

  const connect = () => {
    const dynamoDb = createDynamoDbClient();
    const hideSecrets = (text: string) => secrets.hide(text);
    const stores = hideInTraces(createDynamoDbStores({ client: dynamoDb, table }), hideSecrets);
    let kafka: Promise<KafkaClients> | null = null;
    const connectKafka = async (): Promise<KafkaClients> => {
      const { createKafkaClients } = await import('../lib/kafka/kafkajs/kafka-clients.ts');
      return createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
    };
    const shared = {
      stores,
      kafka: () => (kafka ??= connectKafka()),
      plugins,
      workerProps,
      resolveVariables: async (props: Readonly<Record<string, string>>) => (await resolveVariables(props, providers)).props,
      logger,
      clock: SYSTEM_CLOCK,
      random: Math.random,
    };
    const owner = { owner: `${functionName}/${randomUUID()}`, deployment: table };
    const settle = (connector: string) => settleByHand({ ...shared, ...owner }, connector);
    const runtime = new DeployedRuntime({ stores, triggers, connectors, settleByHand: settle, clock: SYSTEM_CLOCK, logger });
    const answer = createRestApi({ ...shared, providers, runtime, levels, hideSecrets, workerId: functionName, version, deployment });
    // Its connections watch over their requests with timers: nothing of them may stay when a request was answered.
    const closeKafka = async () => {
      const open = kafka;
      kafka = null;
      await (await open)?.close();
    };
    return { answer, closeKafka, follower: new LoggerFollower(stores.loggers, levels), destroy: () => dynamoDb.destroy() };
  };
  let connected = connect();

  return {
    async handle(request) {
      // Other environments of this function may have been told of other levels.
      if (request.path.startsWith('/admin')) await connected.follower.look();
      try {
        return await connected.answer(request);
      } finally {
        await connected.closeKafka();
      }
    },
    async disconnect() {
      connected.destroy();
      connected = connect();
    },
  };
}
