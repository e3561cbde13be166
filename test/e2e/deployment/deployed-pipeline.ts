import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { createLineLogger } from '../../../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createKafkaClients } from '../../../lib/kafka/kafkajs/kafka-clients.ts';
import { startBroker } from '../../../lib/local/broker/broker.ts';
import { deployLocally, type LocalDeployment, type LocalDeploymentOptions } from '../../../lib/local/deployment/local-deployment.ts';
import { startDynamoDb } from '../../../lib/local/dynamodb/start-dynamodb.ts';

/** A pipeline from one SQLite file through Kafka into another, deployed on this machine. */
export interface DeployedPipeline {
  readonly deployment: LocalDeployment;
  readonly source: DatabaseSync;
  /** Rows of the target table; empty while it does not exist. */
  targetRows(): { id: number; name: string }[];
  /** Adds rows to the source table. */
  insert(from: number, to: number): void;
  readonly dir: string;
  close(): Promise<void>;
}

/** Writes the pipeline file, synthesises it in a process of its own and deploys what came out. */
export async function deployPipeline(
  options: Partial<LocalDeploymentOptions> & { sourceKeys?: Record<string, string>; sinkKeys?: Record<string, string> } = {},
): Promise<DeployedPipeline> {
  const { sourceKeys, sinkKeys, ...deploymentOptions } = options;
  const dir = mkdtempSync(join(tmpdir(), 'deployed-pipeline-'));
  const source = new DatabaseSync(join(dir, 'source.db'));
  source.exec('PRAGMA journal_mode = WAL; CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  const broker = await startBroker({ defaultPartitions: 3 });
  const dynamoDb = await startDynamoDb();
  mkdirSync(join(dir, 'pipelines'));
  const assembly = join(dir, 'cdk.out');
  writeFileSync(join(dir, 'pipelines', 'people.json'), JSON.stringify(pipeline(dir, broker.bootstrap, sourceKeys, sinkKeys)));
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../../infra/app.ts')], {
    env: {
      ...process.env,
      CDK_OUTDIR: assembly,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ pipelines: join(dir, 'pipelines') }),
    },
  });
  const kafka = createKafkaClients({
    logger: createLineLogger({ level: () => 'error', now: () => 0, write: () => undefined }),
    clock: SYSTEM_CLOCK,
    random: Math.random,
  });
  const deployment = await deployLocally({ assembly, dynamoDbEndpoint: dynamoDb.endpoint, kafka, ...deploymentOptions });
  return {
    deployment,
    source,
    dir,
    insert(from, to) {
      const statement = source.prepare('INSERT INTO people (id, name) VALUES (?, ?)');
      source.exec('BEGIN');
      for (let id = from; id <= to; id++) statement.run(id, `person ${id}`);
      source.exec('COMMIT');
    },
    targetRows() {
      const target = new DatabaseSync(join(dir, 'target.db'));
      try {
        return target.prepare('SELECT id, name FROM people ORDER BY id').all() as { id: number; name: string }[];
      } catch {
        return [];
      } finally {
        target.close();
      }
    },
    async close() {
      await deployment.close();
      await kafka.close();
      await dynamoDb.close();
      await broker.close();
      source.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function pipeline(dir: string, bootstrapServers: string, sourceKeys: Record<string, string> = {}, sinkKeys: Record<string, string> = {}) {
  return {
    name: 'people',
    worker: {
      'bootstrap.servers': bootstrapServers,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    },
    connectors: [
      {
        name: 'people-source',
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
          'connection.url': `jdbc:sqlite:${join(dir, 'source.db')}`,
          mode: 'incrementing',
          'incrementing.column.name': 'id',
          'table.whitelist': 'people',
          'topic.prefix': 'db-',
          'poll.interval.ms': '100',
          ...sourceKeys,
        },
      },
      {
        name: 'people-sink',
        config: {
          'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
          'connection.url': `jdbc:sqlite:${join(dir, 'target.db')}`,
          topics: 'db-people',
          'table.name.format': 'people',
          'insert.mode': 'upsert',
          'pk.mode': 'record_value',
          'pk.fields': 'id',
          'auto.create': 'true',
          'lambda.batch.size': '1000',
          ...sinkKeys,
        },
      },
    ],
  };
}
