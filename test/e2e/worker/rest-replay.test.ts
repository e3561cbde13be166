import { afterEach, describe, expect, it } from 'vitest';
import { dynamoDbLocalUnavailable, startDynamoDbLocal } from '../../support/dynamodb-local/start-dynamodb-local.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { startKafka } from '../../support/kafka/start-kafka.ts';
import { recordedExchanges } from '../../support/rest/exchanges.ts';
import { replayGroup } from '../../support/rest/replay.ts';
import { startCluster, type WorkerCluster } from '../../support/worker/worker-cluster.ts';

const LONG = process.env.LONG === '1';
const WORKER = [
  'key.converter=org.apache.kafka.connect.json.JsonConverter',
  'value.converter=org.apache.kafka.connect.json.JsonConverter',
  'offset.flush.interval.ms=1000',
];

describe('the REST API of workers', () => {
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function replay(cluster: WorkerCluster, workers: number): Promise<void> {
    closing.push(() => cluster.close());
    const started = await Promise.all(Array.from({ length: workers }, () => cluster.start()));
    for (const { base } of started.slice(0, LONG ? 2 : 1)) {
      let passed = 0;
      const problems: string[] = [];
      for (const group of recordedExchanges()) {
        const run = `r${Date.now().toString(36)}`;
        // A worker is Connect's distributed mode: only what that answered is right.
        const exchanges = group.exchanges.filter(({ mode }) => mode !== 'standalone');
        const outcome = await replayGroup(
          { ...group, exchanges },
          { base, filesDir: `${cluster.folder}/files/${run}/${group.group}`, run },
        );
        passed += outcome.passed;
        problems.push(...outcome.problems);
      }
      expect(problems).toEqual([]);
      expect(passed).toBe(516);
    }
  }

  it('answers the recorded exchanges as Apache Kafka Connect 4.3.0', async () => {
    await replay(await startCluster({ worker: WORKER }), 1);
  });

  it.runIf(LONG)('does so where three share the work', async () => {
    await replay(await startCluster({ worker: WORKER }), 3);
  });

  const unavailable = kafkaUnavailable() ?? dynamoDbLocalUnavailable();
  it.runIf(LONG && unavailable === null)('does so on Kafka 4.3.0 and DynamoDB Local', async () => {
    const kafka = await startKafka();
    closing.push(() => kafka.stop());
    const dynamoDb = await startDynamoDbLocal();
    closing.push(() => dynamoDb.close());
    await replay(await startCluster({ worker: WORKER, kafka, dynamoDb }), 2);
  });
});
