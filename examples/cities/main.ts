import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLineLogger, jsonLine } from '../../lib/core/line-logger.ts';
import { SYSTEM_CLOCK } from '../../lib/core/system-clock.ts';
import { createKafkaClients } from '../../lib/kafka/kafkajs/kafka-clients.ts';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { deployLocally } from '../../lib/local/deployment/local-deployment.ts';
import { startDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import { monthlyCost } from './monthly-cost.ts';
import { changeSomeCities, createSourceDatabase, DATA_SET, differingRows, rowsIn } from './source-database.ts';

// The example pipeline, end to end: the bundles that `cdk synth` makes of examples/cities/pipelines/cities.json, in the local Lambda host.
const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.serverless-connect/example');
const SOURCE = join(FOLDER, 'source.db');
const TARGET = join(FOLDER, 'target.db');
const TOPIC = 'world-city';
const DEAD_LETTERS = 'world-city-dead-letters';
const FOUNDED = 250;
const RECOUNTED = 500;
const GIVE_UP_MS = 120_000;

const keep = process.argv.includes('--keep');
if (process.argv.slice(2).some((arg) => arg !== '--keep')) {
  console.error('usage: npm start [-- --keep]   (--keep stays up and prints the addresses)');
  process.exit(2);
}
const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
const say = (text: string) => console.log(`${seconds()} s  ${text}`);

// Relative paths in the pipeline file are relative to the project, wherever npm was called from.
process.chdir(ROOT);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
say(`data set: ${DATA_SET}`);
const synth = synthesise();
const rows = createSourceDatabase(SOURCE);
say(`source database: ${rows.toLocaleString('en')} rows in ${SOURCE}`);
const [broker, dynamoDb] = await Promise.all([startBroker(), startDynamoDb()]);
await synth;
say('synthesised the stack: bundles, schedule, event source mapping, roles');

const logger = createLineLogger({ level: () => 'error', now: Date.now, write: (line) => console.error(jsonLine(line)) });
const kafka = createKafkaClients({ logger, clock: SYSTEM_CLOCK, random: Math.random });
let skipped = 0;
const deployment = await deployLocally({
  assembly: join(FOLDER, 'cdk.out'),
  dynamoDbEndpoint: dynamoDb.endpoint,
  workerProps: { 'bootstrap.servers': broker.bootstrap },
  kafka,
  // A minute is a second here.
  scheduler: { everyMs: 1_000 },
  // A poller that dies after an answer delivers the batch again: the sink must recognise it.
  mapping: { redeliver: (batch) => batch === 2 },
  host: {
    onLog: ({ line }) => {
      if (line.includes('recognised a redelivery')) skipped += (JSON.parse(line) as { skipped: number }).skipped;
    },
  },
});
deployment.start();
say('deployed to this process; the scheduler ticks every second instead of every minute');

const admin = kafka.admin({ 'bootstrap.servers': broker.bootstrap });
const reader = kafka.reader({ 'bootstrap.servers': broker.bootstrap });
const inTopic = async (topic: string): Promise<number> => {
  if (!(await admin.describeTopics([topic])).has(topic)) return 0;
  return (await reader.endOffsets([{ topic, partition: 0 }])).get(`${topic}-0`) ?? 0;
};
const inTarget = (): number => {
  try {
    return rowsIn(TARGET);
  } catch {
    return 0;
  }
};

let killed = false;
let changed = false;
let agreed = false;
let lastShown = 0;
while (!agreed && performance.now() - startedAt < GIVE_UP_MS) {
  await sleep(100);
  const [produced, written] = [await inTopic(TOPIC), inTarget()];
  if (performance.now() - lastShown > 1_000) {
    lastShown = performance.now();
    say(`${produced.toLocaleString('en').padStart(8)} records in Kafka, ${written.toLocaleString('en').padStart(8)} rows in the target`);
  }
  if (!killed && written > rows / 3) {
    killed = (await deployment.host.kill(deployment.functionOf('cities-sink'))) > 0;
    if (killed) say('killed a sink invocation half-way; the poller gives its batch to a new one');
  }
  if (!changed && written > rows / 2) {
    changeSomeCities(SOURCE, FOUNDED, RECOUNTED);
    changed = true;
    say(`founded ${FOUNDED} cities and recounted ${RECOUNTED} in the source while everything runs`);
  }
  agreed = changed && written === rows + FOUNDED && differingRows(SOURCE, TARGET) === 0;
}
const mapping = deployment.mappings.get(TOPIC);
while (agreed && (await mapping?.lag()) !== 0) await sleep(50);

const produced = await inTopic(TOPIC);
const deadLetters = await inTopic(DEAD_LETTERS);
const source = deployment.stats('cities-source');
const sink = deployment.stats('cities-sink');
say(agreed ? 'source and target agree, row by row' : `source and target differ after ${GIVE_UP_MS / 1000} s`);
console.log(`
rows in the source                ${rowsIn(SOURCE).toLocaleString('en')}
records in Kafka                  ${produced.toLocaleString('en')}
rows in the target                ${inTarget().toLocaleString('en')}
dead letters                      ${deadLetters}
duplicates skipped                ${skipped.toLocaleString('en')} (a batch that came twice, recognised by its evidence)
invocations                       ${source.invocations} of the source, ${sink.invocations} of the sink
billed milliseconds               ${source.billedMs.toLocaleString('en')} of the source, ${sink.billedMs.toLocaleString('en')} of the sink (512 MB, arm64)
such a month (a tick a minute,    ${monthlyCost({ sourceTicks: 43_200, sinkInvocations: sink.invocations * 30, sourceBusyMs: source.billedMs * 30, sinkBusyMs: sink.billedMs * 30 })}
this load once a day)
`);
if (keep) {
  say(
    `kept: Kafka at ${broker.bootstrap}, DynamoDB at ${dynamoDb.endpoint} (table ${deployment.table}), source ${SOURCE}, target ${TARGET}; Ctrl-C ends it`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
await deployment.close();
await reader.close();
await admin.close();
await kafka.close();
await dynamoDb.close();
await broker.close();
process.exitCode = agreed ? 0 : 1;

/** Runs the CDK app in a process of its own, as `npx cdk synth` does. What it says is shown where it fails. */
async function synthesise(): Promise<void> {
  const child = spawn(process.execPath, ['infra/app.ts', '--context', 'pipelines=examples/cities/pipelines'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      CDK_OUTDIR: join(FOLDER, 'cdk.out'),
      // Nothing is sent to CloudFormation here; its rules take longer than everything else of synth.
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ pipelines: 'examples/cities/pipelines' }),
    },
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`synth failed with exit code ${code}\n${Buffer.concat(said)}`);
}
