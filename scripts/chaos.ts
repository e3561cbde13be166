import { parseArgs } from 'node:util';
import { runChaos } from '../test/support/chaos/run-chaos.ts';
import { dynamoDbLocalUnavailable } from '../test/support/dynamodb-local/start-dynamodb-local.ts';
import { kafkaUnavailable } from '../test/support/kafka/jars.ts';

const HELP = `npm run chaos -- [--seed N] [--minutes M] [--every SECONDS] [--state dynamodb-local|dynalite] [--keep DIR]

Three workers, a Lambda host, Apache Kafka, PostgreSQL and DynamoDB, all on this machine, run five connectors while they are killed,
frozen, restarted, slowed down and cut off. Ends with a ledger of what was produced and what arrived; see docs/chaos.md.

  --seed N      decides which faults come when; the same again = the same plan. Default: a new one, printed at the start
  --minutes M   how long faults come, e.g. 0.5; start and catching up are on top. Default: 1
  --every S     mean seconds between two faults. Default: 4
  --state KIND  dynamodb-local (default where Java can run it) or dynalite
  --keep DIR    leaves the logs of workers, functions and broker there, the run's log, and each path's deliveries as CSV

Exit code 0: every promise was kept. 1: not; the seed and what was found are printed. 2: bad usage, or a tool is missing.`;

function usage(message: string): never {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

function read() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string', default: '1' },
        every: { type: 'string', default: '4' },
        state: { type: 'string' },
        keep: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

const values = read();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
const minutes = Number(values.minutes);
const every = Number(values.every);
const { state } = values;
if (!Number.isInteger(seed) || seed < 0) usage(`--seed ${values.seed} is not a whole number from 0`);
if (!(minutes > 0)) usage(`--minutes ${values.minutes} is not a number above 0`);
if (!(every > 0)) usage(`--every ${values.every} is not a number above 0`);
if (state !== undefined && state !== 'dynamodb-local' && state !== 'dynalite') usage(`--state ${state} is not known`);
const missing = kafkaUnavailable() ?? (state === 'dynamodb-local' ? dynamoDbLocalUnavailable() : null);
if (missing !== null) usage(missing);

const report = await runChaos({
  seed,
  durationMs: minutes * 60_000,
  everyMs: every * 1000,
  keep: values.keep ?? null,
  print: (line) => console.log(line),
  ...(state === undefined ? {} : { state }),
});
console.log(`\n${report.table}\n`);
if (report.findings.length === 0) {
  console.log(`seed ${seed}: every promise was kept`);
} else {
  console.log(`seed ${seed}: ${report.findings.length} finding(s)\n${report.findings.map((finding) => `- ${finding}`).join('\n')}`);
  process.exitCode = 1;
}
