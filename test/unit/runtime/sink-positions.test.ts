import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../lib/core/logger.ts';
import type { PartitionReader } from '../../../lib/kafka/partition-reader.ts';
import { startPositions } from '../../../lib/runtime/sink-positions.ts';
import { GROUP_MARK, RESET_POSITION } from '../../../lib/state/watermarks.ts';

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

/** `mark` = we committed the group's offset; `groupAt` = the watermark was written in place of it. */
async function start(
  nextOffset: number | null,
  group: number | null,
  { mark = false, groupAt }: { mark?: boolean; groupAt?: number } = {},
) {
  const watermark = { topic: 't', partition: 0, nextOffset: nextOffset ?? 0, delivered: [{ offset: 0, crc: 7 }] };
  const committed = new Map(group === null ? [] : [['t-0', { offset: group, metadata: mark ? GROUP_MARK : '' }]]);
  const { positions } = await startPositions({
    partitions: [{ topic: 't', partition: 0 }],
    watermarks: new Map(nextOffset === null ? [] : [['t-0', groupAt === undefined ? watermark : { ...watermark, groupAt }]]),
    groupId: 'connect-s',
    groupOffsets: { fetch: unused, committed: async () => committed, commit: unused, remove: unused, members: unused },
    reader,
    reset: 'earliest',
    logger: silent,
  });
  return positions;
}

describe('where a sink goes on', () => {
  it.each([
    ['at its watermark', 7, null, {}, 7],
    ['at its watermark, a group that lags behind it being its own', 7, 5, { mark: true }, 7],
    ['at its watermark, a group that was adopted and is not written yet', 7, 5, { groupAt: 5 }, 7],
    ['where somebody else moved the group', 7, 2, {}, 2],
    ['at the start where somebody else reset the group to it, although a batch began there', 7, 0, {}, 0],
    ['at the group where there is no watermark', null, 4, {}, 4],
    ['at the beginning where there is nothing', null, null, {}, BEGINNING],
    ['at the beginning after a reset', RESET_POSITION, null, {}, BEGINNING],
    ['at the beginning after a reset that left the group', RESET_POSITION, 9, { groupAt: 9 }, BEGINNING],
    ['at the beginning after a reset that left our own offset of the group', RESET_POSITION, 9, { mark: true }, BEGINNING],
    ['where somebody moved the group after a reset', RESET_POSITION, 3, { groupAt: 9 }, 3],
  ] as const)('%s', async (_, watermark, group, how, expected) => {
    expect(Object.fromEntries(await start(watermark, group, how))).toEqual({ 't-0': expected });
  });
});
