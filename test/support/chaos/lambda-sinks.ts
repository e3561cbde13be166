import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deployLocally, type LocalDeployment } from '../../../lib/local/deployment/local-deployment.ts';
import { testClients } from '../kafka/clients.ts';
import { type ChaosConnector, CONVERTERS } from './pipeline.ts';
import { startSecrets } from './secrets-server.ts';

/** The sinks that are Lambda functions: the very bundles that `cdk deploy` would upload, in processes of their own. */
export interface LambdaSinks {
  readonly deployment: LocalDeployment;
  /** Lines of the functions and errors of the pollers. */
  readonly log: string[];
  /** No duplicate tick and no redelivery from now on. */
  calm(): void;
  close(): Promise<void>;
}

const LOG_LINES = 20_000;

/** Synthesises the stack and deploys it; ticks come every second, one in four of them and one in six batches twice. */
export async function deployLambdaSinks(options: {
  readonly folder: string;
  readonly bootstrap: string;
  readonly dynamoDbEndpoint: string;
  readonly connectors: readonly ChaosConnector[];
  /** What every secret of the account holds. */
  readonly secret: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly onDuplicate: (kind: 'duplicate-tick' | 'redelivery') => void;
}): Promise<LambdaSinks> {
  const { bootstrap, connectors, dynamoDbEndpoint, folder, onDuplicate, random } = options;
  const pipelines = join(folder, 'pipelines');
  const assembly = join(folder, 'cdk.out');
  mkdirSync(pipelines);
  writeFileSync(
    join(pipelines, 'chaos.json'),
    JSON.stringify({ name: 'chaos', worker: { 'bootstrap.servers': bootstrap, ...CONVERTERS }, connectors }),
  );
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../../infra/app.ts')], {
    env: { ...process.env, CDK_OUTDIR: assembly, CDK_VALIDATION: 'false', CDK_CONTEXT_JSON: JSON.stringify({ pipelines }) },
  });
  const log: string[] = [];
  const note = (line: string) => {
    if (log.push(line) > LOG_LINES) log.shift();
  };
  let isCalm = false;
  const chance = (kind: 'duplicate-tick' | 'redelivery', share: number): boolean => {
    const hit = !isCalm && random() < share;
    if (hit) onDuplicate(kind);
    return hit;
  };
  const kafka = testClients();
  const secrets = await startSecrets(options.secret);
  const deployment = await deployLocally({
    assembly,
    dynamoDbEndpoint,
    env: { AWS_ENDPOINT_URL_SECRETSMANAGER: secrets.endpoint },
    kafka,
    host: {
      mode: 'process',
      onLog: ({ functionName, line }) => note(`${functionName} ${line}`),
      onInvocation: (name, { functionError, payload }) => functionError !== null && note(`${name} failed: ${payload}`),
    },
    scheduler: { everyMs: 1_000, duplicate: () => chance('duplicate-tick', 0.25) },
    mapping: {
      redeliver: () => chance('redelivery', 1 / 6),
      backoffMs: 200,
      onError: (error) => note(`event source mapping: ${error}`),
    },
  });
  return {
    deployment,
    log,
    calm: () => {
      isCalm = true;
    },
    async close() {
      await deployment.close();
      await kafka.close();
      await secrets.close();
    },
  };
}
