import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ConsumerRecord } from '../../lib/core/kafka-record.ts';
import { createLineLogger } from '../../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../../lib/core/system-clock.ts';
import type { ClientSettings, KafkaClients } from '../../lib/kafka/kafka-clients.ts';
import { createKafkaClients } from '../../lib/kafka/kafkajs/kafka-clients.ts';
import { createDynamoDbClient } from '../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../lib/state/dynamodb/create-dynamodb-stores.ts';
import type { StateStores } from '../../lib/state/state-stores.ts';
import { readAll } from '../../test/support/kafka/clients.ts';
import { cdk } from './cdk.ts';
import { type Surroundings, writeOrders } from './orders.ts';
import { createSecrets } from './secrets.ts';
import { openShop, type Shop } from './shop.ts';
import { startTriggers, type Triggers } from './triggers.ts';

/** The servers of a run. */
export interface RunOptions extends Surroundings {
  /** `postgres://user:password@host:port/postgres` */
  readonly databaseUrl: string;
  readonly password: string;
  readonly kafkaUser: string;
  readonly kafkaPassword: string;
  /** AWS_ENDPOINT_URL, credentials and region: where the stack is deployed. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether this process ticks schedules and polls Kafka; false where the endpoint does. */
  readonly fireTriggers: boolean;
  /** Called at the end of each step. */
  readonly report: (step: string, seconds: number) => void;
}

const TOPIC = 'shop-orders';
const FUNCTION = 'orders-orders-source';
const TICK_MS = 1_000;
const TRAVEL_LIMIT_MS = 180_000;
/** Of the second deployment: another bundle, another plan, another mapping. */
const CHANGES = {
  'orders-source': {
    'batch.max.rows': '50',
    transforms: 'release',
    'transforms.release.type': 'org.apache.kafka.connect.transforms.InsertHeader',
    'transforms.release.header': 'release',
    'transforms.release.value.literal': '2',
  },
  'orders-sink': { 'lambda.batch.size': '200' },
};

/**
 * Deploys the orders pipeline, lets rows travel through it, deploys a changed configuration over it while rows keep coming, checks that
 * each row became exactly one record and arrived, and removes the stack. Throws Error with what did not hold.
 */
export async function runDeployment(options: RunOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'serverless-connect-deploy-'));
  const logger = createLineLogger({ level: () => 'error', now: () => 0, write: () => undefined });
  const kafka = createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
  const lambda = new LambdaClient(clientSettings(options.env));
  const shop = await openShop(options.databaseUrl);
  const running: { triggers: Triggers | null } = { triggers: null };

  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    options.report(name, (performance.now() - startedAt) / 1000);
    return result;
  };
  const assembly = join(folder, 'cdk.out');
  const context = ['--context', `pipelines=${join(folder, 'pipelines')}`, '--output', assembly];
  const kafkaSettings = {
    'bootstrap.servers': options.bootstrapServers,
    'security.protocol': options.securityProtocol,
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="${options.kafkaUser}" password="${options.kafkaPassword}";`,
  };
  const fire = async (): Promise<void> => {
    if (options.fireTriggers)
      running.triggers = await startTriggers({ assembly, stack: 'orders', lambda, kafka, kafkaSettings, everyMs: TICK_MS });
  };
  const deploy = (): Promise<void> => cdk(['deploy', 'orders', '--require-approval', 'never', ...context], options.env);

  try {
    await step('cdk bootstrap', async () => {
      writeOrders(join(folder, 'pipelines'), options);
      const password = { password: options.password };
      const login = { username: options.kafkaUser, password: options.kafkaPassword };
      await createSecrets({ 'shop/db': password, 'shop/warehouse': password, 'shop/kafka': login }, options.env);
      await cdk(['bootstrap', ...context], options.env);
    });
    await step('cdk deploy orders', deploy);
    await fire();
    await step('500 rows arrive', async () => {
      await shop.order(500);
      await arrival(shop, running.triggers);
    });
    await step('cdk deploy of a changed configuration, while 40 rows a second come', async () => {
      writeOrders(join(folder, 'pipelines'), options, CHANGES);
      const end = new AbortController();
      const orders = ordersUntil(shop, end.signal);
      try {
        await deploy();
      } finally {
        end.abort();
        await orders;
      }
      await running.triggers?.stop();
      await fire();
    });
    await step('300 further rows arrive', async () => {
      const before = await shop.ordered();
      await shop.order(300);
      await arrival(shop, running.triggers);
      await exactlyOnce(kafka, kafkaSettings, shop, before.length);
    });
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }));
    await step('cdk destroy', async () => {
      await running.triggers?.stop();
      await cdk(['destroy', 'orders', '--force', ...context], options.env);
      await removed(lambda, Environment?.Variables?.SERVERLESS_CONNECT_TABLE ?? '', options.env);
    });
  } finally {
    await running.triggers?.stop();
    await shop.close();
    await kafka.close();
    lambda.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

function clientSettings(env: Readonly<Record<string, string>>) {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = env;
  return {
    ...(AWS_REGION === undefined ? {} : { region: AWS_REGION }),
    ...(AWS_ENDPOINT_URL === undefined ? {} : { endpoint: AWS_ENDPOINT_URL }),
    ...(AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined
      ? {}
      : { credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } }),
  };
}

async function ordersUntil(shop: Shop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await shop.order(20);
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
}

/** Waits until every order has arrived as it is. */
async function arrival(shop: Shop, triggers: Triggers | null): Promise<void> {
  const until = Date.now() + TRAVEL_LIMIT_MS;
  const ordered = await shop.ordered();
  for (;;) {
    const arrived = await shop.arrived();
    if (isDeepStrictEqual(arrived, ordered)) return;
    if (Date.now() > until) {
      const failures = triggers?.failures.slice(-5).join('\n') ?? '';
      throw new Error(`${arrived.length} of ${ordered.length} rows arrived within ${TRAVEL_LIMIT_MS / 1000} s\n${failures}`);
    }
    await sleep(250);
  }
}

/** Each order is one record, and those after the second deployment bear its header. */
async function exactlyOnce(kafka: KafkaClients, settings: ClientSettings, shop: Shop, before: number): Promise<void> {
  const admin = kafka.admin(settings);
  const reader = kafka.reader(settings);
  const partitions = (await admin.describeTopics([TOPIC])).get(TOPIC)?.partitions ?? 0;
  const records: ConsumerRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) records.push(...(await readAll(reader, TOPIC, partition)));
  await admin.close();
  await reader.close();
  const idOf = (record: ConsumerRecord): number => {
    const value = JSON.parse(Buffer.from(record.value ?? []).toString()) as { payload: { id: number } };
    return value.payload.id;
  };
  const ids = records.map(idOf).sort((a, b) => a - b);
  const expected = (await shop.ordered()).map(({ id }) => id);
  if (!isDeepStrictEqual(ids, expected))
    throw new Error(`${expected.length} rows became ${ids.length} records (${new Set(ids).size} different)`);
  const unmarked = records.filter((record) => idOf(record) > before && !record.headers.some(({ key }) => key === 'release'));
  if (unmarked.length > 0) throw new Error(`${unmarked.length} records after the second deployment lack its header`);
}

/** The functions are gone, the table and what it knows are still there, and the connectors are stopped. */
async function removed(lambda: LambdaClient, table: string, env: Readonly<Record<string, string>>): Promise<void> {
  const gone = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: FUNCTION })).then(
    () => false,
    (error: Error) => error.name === 'ResourceNotFoundException',
  );
  if (!gone) throw new Error(`function ${FUNCTION} is still there`);
  const client = createDynamoDbClient(clientSettings(env));
  try {
    const { configs, offsets }: StateStores = createDynamoDbStores({ client, table });
    for (const name of ['orders-source', 'orders-sink']) {
      const state = await configs.connector(name);
      if (state?.targetState !== 'STOPPED')
        throw new Error(`connector ${name} is ${state?.targetState ?? 'unknown'} after its stack was removed, not STOPPED`);
    }
    if ((await offsets.list('orders-source')).length === 0) throw new Error('the offsets of orders-source are gone');
  } finally {
    client.destroy();
  }
}
