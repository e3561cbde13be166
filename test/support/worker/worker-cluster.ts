import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../../lib/local/broker/broker.ts';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';
import { type RunningCli, startCli, waitFor } from '../cli/run-cli.ts';
import { exchange } from '../rest/replay.ts';

/** One `serverless-connect worker` of a test. */
export interface TestWorker extends RunningCli {
  /** `http://127.0.0.1:…`, known once it is up. */
  readonly base: string;
  /** `host:port`, as statuses name it. */
  readonly id: string;
}

/** A status as the REST API gives it, as far as tests look at it. */
export interface ConnectorStatus {
  readonly connector: { readonly state: string; readonly worker_id: string; readonly trace?: string };
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly worker_id: string; readonly trace?: string }[];
}

/** Workers on one Kafka and one table, both of which outlive them. */
export interface WorkerCluster {
  readonly folder: string;
  readonly bootstrap: string;
  /** What every worker is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a file into the folder and answers its path. */
  file(name: string, content: string | object): string;
  /** Starts a worker with these files besides the worker file, and waits until its API answers. `own` are variables of this one only. */
  start(files?: readonly string[], own?: Readonly<Record<string, string>>): Promise<TestWorker>;
  status(base: string, connector: string): Promise<ConnectorStatus>;
  close(): Promise<void>;
}

/** Starts Kafka and DynamoDB (embedded unless given), no workers yet. `worker` adds lines to the worker file. */
export async function startCluster(
  options: {
    readonly worker?: readonly string[];
    readonly kafka?: { readonly bootstrap: string };
    readonly dynamoDb?: { readonly endpoint: string };
  } = {},
): Promise<WorkerCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-workers-'));
  const ownKafka = options.kafka === undefined ? await startBroker() : null;
  const ownDynamoDb = options.dynamoDb === undefined ? await startDynamoDb() : null;
  const bootstrap = options.kafka?.bootstrap ?? ownKafka?.bootstrap ?? '';
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: options.dynamoDb?.endpoint ?? ownDynamoDb?.endpoint ?? '',
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const running: RunningCli[] = [];
  const file = (name: string, content: string | object) => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const workerFile = file(
    'worker.properties',
    [
      `bootstrap.servers=${bootstrap}`,
      'group.id=test',
      'key.converter=org.apache.kafka.connect.storage.StringConverter',
      'value.converter=org.apache.kafka.connect.storage.StringConverter',
      'offset.flush.interval.ms=300',
      'listeners=http://127.0.0.1:0',
      ...(options.worker ?? []),
    ].join('\n'),
  );
  return {
    folder,
    bootstrap,
    env,
    file,
    async start(files = [], own = {}) {
      const cli = startCli(['worker', workerFile, ...files], { cwd: folder, env: { ...env, ...own } });
      running.push(cli);
      const url = () => /"message":"REST API listening","url":"([^"]+)"/.exec(cli.output())?.[1];
      await waitFor(() => url() !== undefined, cli);
      const base = url() as string;
      return { ...cli, base, id: new URL(base).host };
    },
    async status(base, connector) {
      return (await exchange(base, { method: 'GET', path: `/connectors/${connector}/status` })).body as ConnectorStatus;
    },
    async close() {
      for (const { child, end } of running) {
        child.kill('SIGCONT');
        if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
      }
      await ownDynamoDb?.close();
      await ownKafka?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
