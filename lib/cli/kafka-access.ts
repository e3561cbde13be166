import { isAbsolute, join } from 'node:path';
import { configProviderAccess } from '../aws/config-provider-call.ts';
import { adminSettings } from '../config/client-settings.ts';
import { allProviders } from '../config/providers/aws-providers.ts';
import { createConfigProviders } from '../config/providers/config-providers.ts';
import { resolveVariables } from '../config/variables.ts';
import { ConnectException } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { SYSTEM_CLOCK } from '../core/system-clock.ts';
import type { TopicPartition } from '../core/topic-partition.ts';
import type { ClientSettings, KafkaClients } from '../kafka/kafka-clients.ts';
import type { Arguments, CliIo } from './command.ts';
import { UsageException } from './parse-arguments.ts';

/** Kafka as one command uses it. */
export interface KafkaAccess {
  readonly clients: KafkaClients;
  /** To make clients with: address, security, and what `--command-config` says. */
  readonly settings: ClientSettings;
  /** Number of partitions of the topics that exist. */
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  topics(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

/** Whether the flags say how to reach Kafka. */
export function namesKafka(args: Arguments): boolean {
  return args.has('bootstrap-server') || args.has('command-config') || args.has('worker');
}

/** Opens Kafka. Throws UsageException where no flag says how to reach it, ConfigException for files, ConnectException (`unreachable`). */
export async function openKafka(args: Arguments, io: CliIo, why: string): Promise<KafkaAccess> {
  if (!namesKafka(args)) throw new UsageException(`${why}: add --bootstrap-server HOST:PORT, --command-config FILE or --worker FILE`);
  const settings = await settingsOf(args, io);
  const bootstrap = settings['bootstrap.servers'];
  if (bootstrap === undefined) throw new UsageException(`${why}: no file names bootstrap.servers, add --bootstrap-server HOST:PORT`);
  const { createKafkaClients } = await import('../kafka/kafkajs/kafka-clients.ts');
  const clients = createKafkaClients({ logger: SILENT, clock: SYSTEM_CLOCK, random: Math.random });
  const admin = clients.admin(settings);
  try {
    await admin.listTopics();
  } catch (cause) {
    await clients.close();
    throw new ConnectException(`kafka cannot be reached at ${bootstrap}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      code: 'unreachable',
    });
  }
  return {
    clients,
    settings,
    partitionsOf: async (topics) =>
      new Map([...(await admin.describeTopics(topics)).values()].map(({ partitions, topic }) => [topic, partitions])),
    topics: () => admin.listTopics(),
    close: () => clients.close(),
  };
}

/** Every partition of topics. */
export function everyPartition(topics: ReadonlyMap<string, number>): TopicPartition[] {
  return [...topics].flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })));
}

async function settingsOf(args: Arguments, io: CliIo): Promise<ClientSettings> {
  const { readHostFiles } = await import('../host/host-files.ts');
  const read = async (path: string) => (await readHostFiles([isAbsolute(path) ? path : join(io.cwd, path)])).worker;
  const workerFile = args.text('worker');
  const commandConfig = args.text('command-config');
  const bootstrap = args.text('bootstrap-server');
  const worker = workerFile === undefined ? {} : await read(workerFile);
  const command = commandConfig === undefined ? {} : await read(commandConfig);
  const providers = createConfigProviders(worker, { defaults: true, kinds: allProviders(configProviderAccess(io.env)) });
  const resolved = (await resolveVariables(worker, providers)).props;
  return {
    ...adminSettings({ connector: 'cli', task: null, props: {}, worker: resolved }),
    'client.id': 'serverless-connect-cli',
    'default.api.timeout.ms': '15000',
    ...command,
    ...(bootstrap === undefined ? {} : { 'bootstrap.servers': bootstrap }),
  };
}
