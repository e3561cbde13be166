import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PartitionLog } from '../../../../lib/local/broker/log/partition-log.ts';
import { type BatchHeader, checkProducedBatch, controlBatch, readBatchHeader } from '../../../../lib/local/broker/log/record-batch.ts';
import { type BatchOptions, buildBatch } from '../../../support/kafka/batch-builder.ts';

describe('PartitionLog', () => {
  let dir: string;
  const open: PartitionLog[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serverless-connect-log-'));
  });
  afterEach(() => {
    for (const log of open.splice(0)) log.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const file = (): string => join(dir, '0.log');
  const inFile = (startOffset = 0): PartitionLog => {
    const log = PartitionLog.inFile(file(), startOffset);
    open.push(log);
    return log;
  };
  const append = (log: PartitionLog, values: string[], options: BatchOptions = {}): number => {
    const batch = buildBatch(
      values.map((value) => ({ value })),
      options,
    );
    return log.append(batch, checkProducedBatch(batch));
  };
  const mark = (log: PartitionLog, producerId: number, commit: boolean): void => {
    const marker = controlBatch({ producerId, producerEpoch: 0, commit, nowMs: 1 });
    log.append(marker, readBatchHeader(marker) as BatchHeader);
  };

  it.each(['memory', 'file'])('reads whole batches within the limits (%s)', (where) => {
    const log = where === 'file' ? inFile() : PartitionLog.inMemory();
    const sizes = [1, 2, 3].map((count) => {
      append(log, Array(count).fill('x'));
      return buildBatch(Array(count).fill({ value: 'x' })).length;
    }) as [number, number, number];

    expect([log.startOffset, log.endOffset, log.sizeBytes]).toEqual([0, 6, sizes[0] + sizes[1] + sizes[2]]);
    const read = (offset: number, maxBytes: number, atLeastOne: boolean) => {
      const bytes = Buffer.concat(log.read(offset, maxBytes, 'read_uncommitted', atLeastOne).batches);
      return bytes.length === 0 ? [] : [Number(bytes.readBigInt64BE(0)), bytes.length];
    };
    expect(read(0, 1e6, false)).toEqual([0, log.sizeBytes]);
    expect(read(2, 1e6, false)).toEqual([1, sizes[1] + sizes[2]]);
    expect(read(0, sizes[0] + sizes[1], false)).toEqual([0, sizes[0] + sizes[1]]);
    expect(read(3, 1, true)).toEqual([3, sizes[2]]);
    expect(read(3, 1, false)).toEqual([]);
    expect(read(6, 1e6, true)).toEqual([]);
    expect(log.bytesFrom(2, 'read_uncommitted')).toBe(sizes[1] + sizes[2]);
  });

  it('rebuilds index, sequences and aborted transactions from the file', () => {
    const before = inFile();
    append(before, ['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true });
    append(before, ['b'], { producerId: 8, producerEpoch: 0, baseSequence: 0, transactional: true });
    mark(before, 7, false);
    before.close();
    open.length = 0;

    const after = inFile();

    expect([after.endOffset, after.lastStableOffset]).toEqual([3, 1]);
    expect(after.producers.abortedBetween(0, 3)).toEqual([{ producerId: 7, firstOffset: 0, lastOffset: 2 }]);
    mark(after, 8, true);
    expect(after.lastStableOffset).toBe(4);
    expect(after.read(0, 1e6, 'read_committed', true).aborted).toHaveLength(1);
    expect(() => append(after, ['c'], { producerId: 8, producerEpoch: 0, baseSequence: 5 })).not.toThrow();
  });

  it('gives space back when most of the file is deleted, and keeps its place without records', () => {
    const log = inFile();
    for (let at = 0; at < 30; at++) append(log, ['x'.repeat(100_000)]);
    const full = statSync(file()).size;

    log.deleteBefore(29);
    expect(statSync(file()).size).toBeLessThan(full / 10);
    expect(Buffer.concat(log.read(29, 1e6, 'read_uncommitted', true).batches).readBigInt64BE(0)).toBe(29n);
    log.deleteBefore(30);
    log.close();
    open.length = 0;

    const after = inFile(30);
    expect([after.startOffset, after.endOffset]).toEqual([30, 30]);
    expect(append(after, ['next'])).toBe(30);
  });
});
