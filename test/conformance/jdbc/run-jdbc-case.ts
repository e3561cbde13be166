import { setTimeout as sleep } from 'node:timers/promises';
import { traceOf } from '../../../lib/core/errors.ts';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import type { SourceOffset, SourcePartition } from '../../../lib/core/source-record.ts';
import { type CaseDatabase, type CaseServers, openCaseDatabase } from './case-databases.ts';
import { differences } from './compare-outcomes.ts';
import { InProcessWorker, MemoryTopics, type State } from './in-process-worker.ts';
import {
  byText,
  decode,
  type JdbcCase,
  type Json,
  mapTexts,
  type Outcome,
  type ProducedJson,
  printExact,
  type Step,
  sorted,
} from './jdbc-case.ts';

const TIMEOUT_MS = 15_000;
const POLL_MS = 10;
/** How long a number of records must hold; the recorded cases waited 700 ms on a slower worker. */
const QUIET_MS = 400;

/** Runs one case. Answers what differs from the recording; [] = it passed. */
export async function runJdbcCase(kase: JdbcCase, serial: number, servers: CaseServers): Promise<string[]> {
  const database = await openCaseDatabase(kase.database, `jc_${serial}`, servers);
  const run = new CaseRun(kase, serial, database);
  try {
    const got = await run.run();
    return [...run.problems, ...differences(kase, got)];
  } finally {
    await run.close();
    await database.close();
  }
}

class CaseRun {
  readonly problems: string[] = [];
  readonly #case: JdbcCase;
  readonly #database: CaseDatabase;
  readonly #prefix: string;
  readonly #name: string;
  readonly #topics = new MemoryTopics();
  readonly #worker: InProcessWorker;
  #config: Record<string, string>;
  #refused: string[] = [];

  constructor(kase: JdbcCase, serial: number, database: CaseDatabase) {
    this.#case = kase;
    this.#database = database;
    this.#prefix = `jc_${serial}_t_`;
    this.#name = `jc-${serial}-c`;
    this.#worker = new InProcessWorker(this.#name, this.#topics);
    this.#config = { ...database.config, ...this.#fill(kase.config) };
  }

  async close(): Promise<void> {
    await this.#worker.stop();
  }

  async run(): Promise<Outcome> {
    await this.#database.run(this.#fill(this.#case.setup ?? []));
    for (const [topic, partitions] of Object.entries(this.#fill(this.#case.topics ?? {}))) this.#topics.create(topic, partitions);
    for (const step of this.#fill(this.#case.steps)) {
      await this.#step(step);
      if (this.#refused.length > 0) break;
    }
    // A failure that the recording ends with may need longer on a busy machine than the recording's own pauses.
    const fails = JSON.stringify([this.#case.expect.connector, this.#case.expect.tasks]).includes('"FAILED"');
    if (fails && this.#refused.length === 0 && !this.#case.quirk) await this.#until(() => this.#worker.hasFailed, 'failure');
    return await this.#outcome();
  }

  #fill<T>(value: T): T {
    return mapTexts(value, (text) =>
      text.replaceAll('{{topic}}', this.#prefix).replaceAll('{{name}}', this.#name).replaceAll('{{database}}', this.#database.name),
    );
  }

  #clean<T>(value: T): T {
    return mapTexts(value, (text) =>
      text.replaceAll(this.#prefix, '{{topic}}').replaceAll(this.#name, '{{name}}').replaceAll(this.#database.name, '{{database}}'),
    );
  }

  async #step(step: Step): Promise<void> {
    const worker = this.#worker;
    if (step.sql) await this.#database.run(step.sql);
    else if (step.produce) for (const record of step.produce) this.#produce(record);
    else if (step.create) await this.#create();
    else if (step.reconfigure) {
      await worker.stop();
      this.#config = { ...this.#config, ...step.reconfigure };
      await this.#create();
    } else if (step.restart || step.recreate) await worker.restart();
    else if (step.stop) await worker.stop();
    else if (step.resume) await worker.resume();
    else if (step.patchOffsets) for (const { partition, offset } of step.patchOffsets) this.#patch(partition, offset);
    else if (step.resetOffsets) worker.resetSourceOffsets();
    else if (step.sleep) await sleep(Math.min(step.sleep, 2000));
    else if (step.waitFailed) await this.#until(() => worker.hasFailed, 'failure');
    else if (step.waitSink) await this.#until(() => worker.hasFailed || this.#sinkIsDone(), 'sink offsets to reach the end');
    else if (step.waitQuiet) await sleep(Math.min(step.waitQuiet, QUIET_MS));
    else if (step.waitRecords !== undefined) await this.#waitRecords(step.waitRecords, step.quiet);
    else throw new Error(`unknown step ${JSON.stringify(step)}`);
  }

  async #create(): Promise<void> {
    this.#refused = await this.#worker.validate(this.#config);
    if (this.#refused.length === 0) await this.#worker.start(this.#config);
  }

  #produce({ topic, partition = 0, key = null, value = null, headers = {} }: ProducedJson): void {
    const bytes = (json: Json): Uint8Array | null => (json === null ? null : Buffer.from(printExact(json)));
    this.#topics.append({
      topic,
      partition,
      key: bytes(key),
      value: bytes(value),
      timestamp: null,
      headers: Object.entries(headers).map(([name, text]) => ({ key: name, value: Buffer.from(text) })),
    });
  }

  #patch(partition: Record<string, Json>, offset: Record<string, Json> | null): void {
    if (this.#case.kind === 'source') {
      this.#worker.setSourceOffset(partition as SourcePartition, offset as SourceOffset | null);
      return;
    }
    const { kafka_topic: topic, kafka_partition: number } = partition as { kafka_topic: string; kafka_partition: number };
    this.#worker.setSinkOffset(topic, number, (offset?.kafka_offset as number | undefined) ?? 0);
  }

  #sinkIsDone(): boolean {
    return Object.keys(this.#fill(this.#case.topics ?? {})).every((topic) =>
      this.#topics.all.get(topic)!.every((records, partition) => this.#worker.sinkOffset(topic, partition) >= records.length),
    );
  }

  async #waitRecords(wanted: number, quiet = QUIET_MS): Promise<void> {
    const { hasFailed } = await this.#settle(wanted);
    if (!hasFailed) await sleep(quiet);
    const count = this.#recordCount();
    if (count !== wanted) this.problems.push(`${count} records instead of ${wanted}`);
  }

  async #settle(wanted: number): Promise<InProcessWorker> {
    const end = Date.now() + TIMEOUT_MS;
    while (this.#recordCount() < wanted && !this.#worker.hasFailed && Date.now() < end) await sleep(POLL_MS);
    return this.#worker;
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const end = Date.now() + TIMEOUT_MS;
    while (!condition()) {
      if (Date.now() > end) {
        this.problems.push(`timeout: ${what}`);
        return;
      }
      await sleep(POLL_MS);
    }
  }

  #outTopics(): [string, ConsumerRecord[][]][] {
    const own = this.#fill(this.#case.topics ?? {});
    return [...this.#topics.all].filter(([topic]) => topic.startsWith(this.#prefix) && !(topic in own));
  }

  #recordCount(): number {
    return this.#outTopics().reduce((sum, [, partitions]) => sum + partitions.flat().length, 0);
  }

  async #outcome(): Promise<Outcome> {
    const got: Outcome = {};
    if (this.#refused.length > 0) got.create = { status: 400, message: this.#refused.join('\n') };
    else {
      const { connector, tasks } = this.#worker;
      got.connector = connector.state;
      if (connector.state === 'FAILED') got.connectorError = this.#clean(firstLine(connector.error));
      got.tasks = tasks.map((task) => this.#clean(taskOutcome(task)));
      await this.#worker.stop();
      if (this.#case.kind === 'source') {
        got.offsets = this.#clean(this.#worker.offsets.map((entry) => sorted(entry as unknown as Json))).sort(byText);
      }
    }
    got.topics = this.#clean(
      Object.fromEntries(
        this.#outTopics()
          .sort()
          .map(([topic, partitions]) => [topic, partitions.flat().map(recordJson)]),
      ),
    );
    if (this.#case.tables !== undefined && this.#case.tables.length > 0) {
      const tables: Record<string, Json> = {};
      for (const table of this.#fill(this.#case.tables)) tables[table] = await this.#database.table(table);
      got.tables = this.#clean(tables);
      for (const table of Object.values(got.tables)) (table as { rows: Json[] } | null)?.rows.sort(byText);
    }
    return got;
  }
}

function recordJson({ partition, key, value, headers }: ConsumerRecord): Json {
  const texts = headers.map((header) => [header.key, header.value === null ? null : Buffer.from(header.value).toString('utf8')]);
  return { partition, key: decode(key), value: decode(value), headers: Object.fromEntries(texts) as Record<string, Json> };
}

function taskOutcome({ state, error }: State): Json {
  return state === 'FAILED' ? { state, ...(firstLine(error) as object) } : { state };
}

/** Class, message and causes as the cases write them. */
function firstLine(error: unknown): Json {
  const lines = traceOf(error).split('\n');
  const match = /^([\w.$]+(?:Exception|Error))(?::\s*(.*))?$/.exec(lines[0] ?? '');
  const causes = lines.filter((line) => line.startsWith('Caused by: ')).map((line) => line.slice(11));
  return { class: match?.[1] ?? lines[0]!, message: match?.[2] ?? '', causes };
}
