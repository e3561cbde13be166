import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../lib/local/broker/broker.ts';
import { testClients } from '../../test/support/kafka/clients.ts';
import { runStandalone } from '../standalone-run.ts';

const LINES = 500_000;
type Line = Readonly<Record<string, unknown>>;

const worker = (bootstrap: string) => `bootstrap.servers=${bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=offsets
`;

const lineOf = (i: number) => `line ${i} of a file that somebody wants to have in a topic, with some text to make it real`;

/** A text file → the embedded Kafka. */
export async function fileSourceScenario(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-bench-'));
  const file = join(folder, 'input.txt');
  writeFileSync(file, `${Array.from({ length: LINES }, (_, i) => lineOf(i)).join('\n')}\n`);
  const broker = await startBroker();
  const clients = testClients();
  const reader = clients.reader({ 'bootstrap.servers': broker.bootstrap });
  try {
    const figures = await runStandalone(
      {
        'worker.properties': worker(broker.bootstrap),
        'source.properties': `name=bench\nconnector.class=org.apache.kafka.connect.file.FileStreamSourceConnector\nfile=${file}\ntopic=lines\n`,
      },
      async () => (await reader.endOffsets([{ topic: 'lines', partition: 0 }]).catch(() => new Map<string, number>())).get('lines-0') ?? 0,
      LINES,
    );
    return [{ records: LINES, ...figures, recordsPerSecond: Math.round((LINES / figures.allMs) * 1000) }];
  } finally {
    await reader.close();
    await clients.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The embedded Kafka → a text file. */
export async function fileSinkScenario(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-connect-bench-'));
  const file = join(folder, 'output.txt');
  const broker = await startBroker();
  const clients = testClients();
  try {
    const producer = clients.producer({ 'bootstrap.servers': broker.bootstrap });
    let bytes = 0;
    for (let from = 0; from < LINES; from += 5_000) {
      const values = Array.from({ length: 5_000 }, (_, i) => Buffer.from(lineOf(from + i)));
      for (const value of values) bytes += value.length + 1;
      await producer.send(values.map((value) => ({ topic: 'lines', partition: null, key: null, value, timestamp: null, headers: [] })));
    }
    await producer.close();
    const figures = await runStandalone(
      {
        'worker.properties': worker(broker.bootstrap),
        'sink.properties': `name=bench\nconnector.class=org.apache.kafka.connect.file.FileStreamSinkConnector\nfile=${file}\ntopics=lines\n`,
      },
      async () => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
      bytes,
    );
    return [{ records: LINES, ...figures, recordsPerSecond: Math.round((LINES / figures.allMs) * 1000) }];
  } finally {
    await clients.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
