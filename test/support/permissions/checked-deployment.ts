import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLineLogger } from '../../../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import type { KafkaClients } from '../../../lib/kafka/kafka-clients.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import { startBroker } from '../../../lib/local/broker/broker.ts';
import { deployLocally, type LocalDeployment } from '../../../lib/local/deployment/local-deployment.ts';
import { readStackTemplate, type StackTemplate } from '../../../lib/local/deployment/stack-template.ts';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { type PermissionProxy, startPermissionProxy } from './permission-proxy.ts';
import { policiesOf, type Statement } from './policy.ts';

/** A stack on this machine whose functions reach AWS only as their roles allow. */
export interface CheckedDeployment {
  readonly deployment: LocalDeployment;
  readonly proxy: PermissionProxy;
  readonly template: StackTemplate;
  /** By function. */
  readonly policies: ReadonlyMap<string, readonly Statement[]>;
  readonly kafka: KafkaClients;
  readonly bootstrap: string;
  /** Everything that functions wrote to their logs. */
  readonly lines: readonly { readonly functionName: string; readonly line: string }[];
  close(): Promise<void>;
}

export interface CheckedOptions {
  readonly name: string;
  pipeline(bootstrapServers: string): object;
  readonly secrets: Readonly<Record<string, string>>;
  /** Statements that do not count: ids. */
  readonly without: Set<string>;
  /** Further services, by their names in signatures. */
  readonly services: Readonly<Record<string, string>>;
}

/** Synthesises a pipeline in a process of its own and deploys it behind a {@link PermissionProxy}. */
export async function deployChecked(options: CheckedOptions): Promise<CheckedDeployment> {
  const dir = mkdtempSync(join(tmpdir(), 'permissions-'));
  const broker = await startBroker({ defaultPartitions: 2 });
  const dynamoDb = await startDynamoDb();
  mkdirSync(join(dir, 'pipelines'));
  const assembly = join(dir, 'cdk.out');
  writeFileSync(join(dir, 'pipelines', `${options.name}.json`), JSON.stringify(options.pipeline(broker.bootstrap)));
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../../infra/app.ts')], {
    env: {
      ...process.env,
      CDK_OUTDIR: assembly,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ pipelines: join(dir, 'pipelines') }),
    },
  });
  signWithNames(join(assembly, `${options.name}.template.json`));
  const template = readStackTemplate(assembly);
  const policies = policiesOf(template);
  const proxy = await startPermissionProxy({ policies: () => policies, secrets: options.secrets, without: options.without });
  proxy.services.set('dynamodb', dynamoDb.endpoint);
  for (const [service, url] of Object.entries(options.services)) proxy.services.set(service, url);
  const kafka = createKafkaClients({
    logger: createLineLogger({ level: () => 'error', now: () => 0, write: () => undefined }),
    clock: SYSTEM_CLOCK,
    random: Math.random,
  });
  const lines: { functionName: string; line: string }[] = [];
  const deployment = await deployLocally({
    assembly,
    dynamoDbEndpoint: proxy.url,
    kafka,
    env: { AWS_ENDPOINT_URL: proxy.url, AWS_ENDPOINT_URL_LAMBDA: proxy.url },
    scheduler: { everyMs: 500 },
    host: { onLog: ({ functionName, line }) => lines.push({ functionName, line }) },
  });
  proxy.services.set('lambda', deployment.host.endpoint);
  return {
    deployment,
    proxy,
    template,
    policies,
    kafka,
    bootstrap: broker.bootstrap,
    lines,
    async close() {
      await deployment.close();
      await kafka.close();
      await proxy.close();
      await dynamoDb.close();
      await broker.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Has each function sign with its name as the key, by which it is told from others. */
function signWithNames(file: string): void {
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { FunctionName: string; Environment?: { Variables: Record<string, unknown> } } }>;
  };
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    Properties.Environment = { Variables: { ...Properties.Environment?.Variables, AWS_ACCESS_KEY_ID: Properties.FunctionName } };
  }
  writeFileSync(file, JSON.stringify(template));
}
