import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../../lib/connectors/file/line-splitter.ts';
import { connectorManifests } from '../../../../lib/connectors/file/manifest.ts';
import { FileStreamSinkTask } from '../../../../lib/connectors/file/sink.ts';
import { FileStreamSourceConnector, FileStreamSourceTask } from '../../../../lib/connectors/file/source.ts';
import { SinkRecord } from '../../../../lib/core/sink-record.ts';
import { createSourceTaskContext } from '../../../../lib/testing/task-contexts.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-stream-'));
  file = join(folder, 'lines.txt');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function startedTask(context = createSourceTaskContext()): Promise<FileStreamSourceTask> {
  const task = new FileStreamSourceTask();
  task.initialize(context);
  await task.start({ file, topic: 'lines', 'batch.size': '2' });
  return task;
}

describe('FileStreamSourceTask', () => {
  it('reads lines as they come, in batches, and keeps an unfinished line', async () => {
    writeFileSync(file, 'one\ntwö\r\nthree\rfour');
    const context = createSourceTaskContext();
    const task = await startedTask(context);

    const first = await task.poll();
    const second = await task.poll();
    const third = await task.poll();
    appendFileSync(file, '!\n');
    const fourth = await task.poll();
    await task.stop();

    expect(first?.map(({ value, sourceOffset, sourcePartition }) => [value, sourceOffset, sourcePartition])).toEqual([
      ['one', { position: 4 }, { filename: file }],
      ['twö', { position: 9 }, { filename: file }],
    ]);
    expect(second?.map(({ value }) => value)).toEqual(['three']);
    expect(third).toBeNull();
    expect(context.isCaughtUp).toBe(true);
    expect(context.pollAgainAtMs).toBe(1000);
    expect(fourth?.map(({ value }) => value)).toEqual(['four!']);
  });

  it('goes on after the committed position', async () => {
    writeFileSync(file, 'one\ntwo\n');
    const context = createSourceTaskContext();
    context.commit({ filename: file }, { position: 4 });
    const task = await startedTask(context);

    expect((await task.poll())?.map(({ value, sourceOffset }) => [value, sourceOffset])).toEqual([['two', { position: 8 }]]);
    await task.stop();
  });

  it('waits for a file that is not there yet', async () => {
    const task = await startedTask();

    expect(await task.poll()).toBeNull();
    writeFileSync(file, 'late\n');
    expect((await task.poll())?.map(({ value }) => value)).toEqual(['late']);
    await task.stop();
  });

  it('refuses a committed position that is no number', async () => {
    const context = createSourceTaskContext();
    context.commit({ filename: file }, { position: 'x' });

    await expect(startedTask(context)).rejects.toThrow('Offset position is the incorrect type');
  });
});

describe('FileStreamSourceConnector', () => {
  it('judges offsets set by hand', () => {
    const connector = new FileStreamSourceConnector();
    const alter = (partition: Record<string, string>, offset: Record<string, number> | null) =>
      connector.alterOffsets({ file }, new Map([[partition, offset]]));

    expect(alter({ filename: file }, { position: 3 })).toBe(true);
    expect(alter({ filename: file }, null)).toBe(true);
    expect(() => alter({ filename: file }, { position: -1 })).toThrow('non-negative');
    expect(() => alter({ filename: file }, { other: 1 })).toThrow("contain the key 'position'");
    expect(() => alter({ name: file }, { position: 1 })).toThrow("contain the key 'filename'");
    expect(() => connector.alterOffsets({}, new Map())).toThrow("Offsets cannot be modified if the 'file' configuration is unspecified");
  });

  it('cannot be deployed as a function', () => {
    expect(connectorManifests.map(({ notDeployable }) => typeof notDeployable)).toEqual(['string', 'string']);
  });
});

describe('LineSplitter', () => {
  it('does not take a carriage return for the end of a line before the next character', () => {
    const splitter = new LineSplitter();
    splitter.add('a\r');
    expect(splitter.take(9)).toEqual([]);
    splitter.add('\nb\r');
    expect(splitter.take(9)).toEqual([{ text: 'a', length: 3 }]);
    splitter.add('c\n');
    expect(splitter.take(9).map(({ text }) => text)).toEqual(['b', 'c']);
  });
});

describe('FileStreamSinkTask', () => {
  it('appends values as Java prints them', async () => {
    writeFileSync(file, 'before\n');
    const task = new FileStreamSinkTask();
    await task.start({ file });

    await task.put([
      new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: 0, value: 'line' }),
      new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: 1, value: new Map([['a', 1n]]) }),
      new SinkRecord({ topic: 't', kafkaPartition: 0, kafkaOffset: 2, value: null }),
    ]);
    await task.flush();
    await task.stop();

    expect(readFileSync(file, 'utf8')).toBe('before\nline\n{a=1}\nnull\n');
  });

  it('says which file it cannot open', async () => {
    await expect(new FileStreamSinkTask().start({ file: join(folder, 'no/such/file') })).rejects.toThrow("Couldn't find or create file");
  });
});
