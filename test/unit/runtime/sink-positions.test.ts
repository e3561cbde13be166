import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../lib/core/logger.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import { startPositions } from '../../../lib/runtime/sink-positions.ts';
import { RESET_POSITION } from '../../../lib/state/watermarks.ts';

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
  child: () => silent,
};

const BEGINNING = 100;
const unused = async (): Promise<never> => {
  throw new Error('not expected');
};
const reader: PartitionReader = {
  fetch: unused,
  endOffsets: unused,
  offsetsForTime: unused,
  beginningOffsets: async (partitions) => new Map(partitions.map(({ partition, topic }) => [`${topic}-${partition}`, BEGINNING])),
  close: unused,
};

function start(nextOffset: number | null, group: number | null, evidence: number[] = []) {
  const delivered = evidence.map((offset) => ({ offset, crc: 0 }));
  return startPositions({
    partitions: [{ topic: 't', partition: 0 }],
    watermarks: new Map(nextOffset === null ? [] : [['t-0', { topic: 't', partition: 0, nextOffset, delivered }]]),
    groupId: 'connect-s',
    groupOffsets: { fetch: async () => new Map(group === null ? [] : [['t-0', group]]), commit: unused },
    reader,
    reset: 'earliest',
    logger: silent,
  });
}

describe('where a sink goes on', () => {
  it.each([
    ['at its watermark', 7, null, [], 7],
    ['at its watermark, a group that lags behind it being its own', 7, 5, [5], 7],
    ['where somebody else moved the group', 7, 2, [5], 2],
    ['at the group where there is no watermark', null, 4, [], 4],
    ['at the beginning where there is nothing', null, null, [], BEGINNING],
    ['at the beginning after a reset', RESET_POSITION, null, [], BEGINNING],
    ['at the beginning after a reset, the old offset of the group being known', RESET_POSITION, 9, [9], BEGINNING],
    ['where somebody moved the group after a reset', RESET_POSITION, 3, [9], 3],
  ])('%s', async (_, watermark, group, evidence, expected) => {
    expect(Object.fromEntries(await start(watermark, group, evidence))).toEqual({ 't-0': expected });
  });
});
