import { parseArgs } from 'node:util';
import { kafkaUnavailable } from '../test/support/kafka/jars.ts';
import { startPostgres } from '../test/support/postgres/start-postgres.ts';
import { startSecuredKafka } from './deploy-local/kafka.ts';
import { installLocalStack, localStackUnavailable, startLocalStack } from './deploy-local/localstack.ts';
import { runDeployment } from './deploy-local/run.ts';

const USAGE = `npm run deploy:local [-- flags]
Deploys the orders pipeline with the CDK, lets rows travel, deploys a change over it, and removes it again.
Where AWS_ENDPOINT_URL is set, there; else at a LocalStack of its own on 127.0.0.1 (installed into .cache/ the first time).
  --account         deploys into the AWS account of the environment's credentials, whose functions must reach:
  --kafka URL         sasl-ssl://user:password@host:port, SCRAM-SHA-512 (default: an Apache Kafka of its own on 127.0.0.1)
  --database URL      postgres://user:password@host:port/postgres (default: one of its own on 127.0.0.1)
  --install         only installs LocalStack`;

const { values: flags } = parseArgs({
  options: {
    account: { type: 'boolean' },
    kafka: { type: 'string' },
    database: { type: 'string' },
    install: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

/** What ends again in reverse order, whatever happens. */
const started: (() => Promise<void>)[] = [];

async function main(): Promise<void> {
  if (flags.account && (flags.kafka === undefined || flags.database === undefined)) {
    throw new Error('functions of an account reach nothing on this machine: give --kafka and --database');
  }
  const endpoint = process.env.AWS_ENDPOINT_URL;
  const ownLocalStack = endpoint === undefined && flags.account !== true;
  const missing = (ownLocalStack ? localStackUnavailable() : null) ?? (flags.kafka === undefined ? kafkaUnavailable() : null);
  if (missing !== null) throw new Error(`cannot deploy here: ${missing}`);
  if (flags.install) return installLocalStack();

  const startedAt = performance.now();
  const [localStack, kafka, postgres] = await Promise.all([
    ownLocalStack ? startLocalStack() : null,
    flags.kafka === undefined ? startSecuredKafka() : null,
    flags.database === undefined ? startPostgres() : null,
  ]);
  for (const server of [localStack, kafka, postgres]) if (server !== null) started.push(() => server.stop());
  report('servers are up', (performance.now() - startedAt) / 1000);

  const url = new URL(flags.database ?? (postgres?.url as string));
  const kafkaUrl = new URL(flags.kafka ?? (kafka?.url as string));
  await runDeployment({
    bootstrapServers: kafkaUrl.host,
    securityProtocol: kafkaUrl.protocol.slice(0, -1).replace('-', '_').toUpperCase(),
    kafkaUser: decodeURIComponent(kafkaUrl.username),
    kafkaPassword: decodeURIComponent(kafkaUrl.password),
    jdbcServer: `jdbc:postgresql://${url.host}`,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    databaseUrl: url.href,
    env: flags.account ? {} : emulatorEnvironment(localStack?.endpoint ?? (endpoint as string)),
    fireTriggers: flags.account !== true,
    report,
  });
  report('all', (performance.now() - startedAt) / 1000);
}

/** Emulators judge no credentials; a key id of our own keeps the CDK's cache of accounts apart. */
function emulatorEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: process.env.AWS_REGION ?? 'us-east-1',
    AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? 'serverless-connect-local',
    AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? 'serverless-connect-local',
  };
}

function report(step: string, seconds: number): void {
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`);
}

// What runs in processes of its own is ended at this one's exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (flags.help) console.log(USAGE);
else {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    for (const stop of started.reverse()) await stop();
  }
}
