import pg from 'pg';
import { readAll, testClients } from '../kafka/clients.ts';
import type { Delivery, FaultEvent, PathInput } from './ledger.ts';
import {
  EVENT_SINK,
  ORDERS_SOURCE,
  ORDERS_TOPIC,
  PARTITIONS,
  PAYMENTS_SOURCE,
  PAYMENTS_TOPIC,
  WATERMARK_KEY,
  WORKER_SINK,
} from './pipeline.ts';
import { writersOf } from './segment-writers.ts';

/** Where the evidence lies. */
export interface Evidence {
  readonly bootstrap: string;
  /** The broker's own files. */
  readonly logDir: string;
  readonly postgresUrl: string;
  readonly sinks: readonly string[];
  readonly faults: readonly FaultEvent[];
}

interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly account: number;
  readonly seq: number;
  readonly writer: string;
  readonly atMs: number;
}

/** Of sources on the workers, and of the sinks there. */
const WORKER_FAULTS = /^(worker|late|broker|database|state)/;
const LAMBDA_FAULTS = /^(lambda|broker|database|state|duplicate|redelivery)/;

/** Reads both topics and the database and puts what was produced beside what arrived, path by path. */
export async function collect(evidence: Evidence): Promise<PathInput[]> {
  const db = new pg.Client({ connectionString: evidence.postgresUrl });
  db.on('error', () => undefined);
  await db.connect();
  try {
    const orders = await recordsOf(evidence, ORDERS_TOPIC, 'read_uncommitted');
    const payments = await recordsOf(evidence, PAYMENTS_TOPIC, 'read_committed');
    const onWorkers = evidence.faults.filter(({ kind }) => WORKER_FAULTS.test(kind));
    const inLambda = evidence.faults.filter(({ kind }) => LAMBDA_FAULTS.test(kind));
    const paths: PathInput[] = [
      {
        path: ORDERS_SOURCE,
        promise: 'at-least-once',
        promiseText: 'at least once',
        expected: await expectedRows(db, 'orders', orders),
        deliveries: orders.map(sourceDelivery),
        faults: onWorkers,
      },
      {
        path: PAYMENTS_SOURCE,
        promise: 'strict',
        promiseText: 'exactly once (read_committed)',
        expected: await expectedRows(db, 'payments', payments),
        deliveries: payments.map(sourceDelivery),
        faults: onWorkers,
      },
    ];
    for (const sink of evidence.sinks) {
      const comparesOffsets = sink !== EVENT_SINK && WATERMARK_KEY !== undefined;
      paths.push({
        path: sink,
        promise: comparesOffsets ? 'strict' : 'at-least-once',
        promiseText: comparesOffsets ? 'target compares offsets' : 'at least once',
        expected: offsetsOf(sink === EVENT_SINK ? orders : payments),
        deliveries: await audited(db, sink),
        faults: sink === WORKER_SINK ? onWorkers : inLambda,
      });
    }
    return paths;
  } finally {
    await db.end().catch(() => undefined);
  }
}

async function recordsOf({ bootstrap, logDir }: Evidence, topic: string, isolation: string): Promise<TopicRecord[]> {
  const clients = testClients();
  const reader = clients.reader({ 'bootstrap.servers': bootstrap, 'isolation.level': isolation });
  try {
    const records: TopicRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const found = await readAll(reader, topic, partition);
      const ranges = writersOf(logDir, topic, partition);
      let at = 0;
      for (const { offset, timestamp, value } of found) {
        while (at < ranges.length && (ranges[at]?.to ?? 0) < offset) at++;
        const row = JSON.parse(Buffer.from(value as Uint8Array).toString()).payload as { account: number; seq: number };
        records.push({ partition, offset, account: row.account, seq: row.seq, writer: ranges[at]?.writer ?? '?', atMs: timestamp });
      }
    }
    return records;
  } finally {
    await reader.close();
    await clients.close();
  }
}

function sourceDelivery({ partition, seq, writer, atMs }: TopicRecord): Delivery {
  return { group: groupOf(partition), item: seq, writer, atMs };
}

/** The last state of every row; which partition an account's rows go to is seen from those that arrived. */
async function expectedRows(db: pg.Client, table: string, arrived: readonly TopicRecord[]): Promise<Map<string, Set<number>>> {
  const partitions = new Map(arrived.map(({ account, partition }) => [account, partition]));
  const expected = new Map<string, Set<number>>();
  for (const { account, seq } of (await db.query<{ account: number; seq: string }>(`SELECT account, seq FROM ${table}`)).rows) {
    const partition = partitions.get(account);
    const group = partition === undefined ? `account ${account}` : groupOf(partition);
    const items = expected.get(group) ?? new Set();
    expected.set(group, items.add(Number(seq)));
  }
  return expected;
}

function offsetsOf(records: readonly TopicRecord[]): Map<string, Set<number>> {
  return new Map(
    [...Map.groupBy(records, ({ partition }) => partition)].map(([partition, of]) => [
      groupOf(partition),
      new Set(of.map(({ offset }) => offset)),
    ]),
  );
}

async function audited(db: pg.Client, sink: string): Promise<Delivery[]> {
  const { rows } = await db.query<{ kafka_partition: number; kafka_offset: string; writer: string; at: Date }>(
    'SELECT kafka_partition, kafka_offset, writer, at FROM audit WHERE sink = $1 ORDER BY n',
    [sink],
  );
  return rows.map(({ kafka_partition, kafka_offset, writer, at }) => ({
    group: groupOf(kafka_partition),
    item: Number(kafka_offset),
    writer,
    atMs: at.getTime(),
  }));
}

function groupOf(partition: number): string {
  return `partition ${partition}`;
}
