import type { BrokerState } from '../broker-state.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { deleteRecordsApi, listOffsetsApi } from '../wire/data-apis.ts';
import { BrokerError, codeOf, ErrorCode } from '../wire/error-code.ts';
import { type Handler, handler } from './handler.ts';

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;

/** ListOffsets and DeleteRecords: where logs begin, end and pass a time. */
export function logOffsetHandlers(state: BrokerState): Handler[] {
  return [
    handler(listOffsetsApi, async ({ isolationLevel, topics }) => ({
      throttleTimeMs: 0,
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map(async ({ index, timestamp }) => {
              const log = state.topics.partition(name, index);
              if (log === undefined) return { index, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ...NOWHERE };
              try {
                return { index, errorCode: ErrorCode.NONE, ...(await find(log, timestamp, isolationLevel === 1)) };
              } catch {
                // What is inside of a batch is only looked at here: a producer may have sent anything under a right checksum.
                return { index, errorCode: ErrorCode.CORRUPT_MESSAGE, ...NOWHERE };
              }
            }),
          ),
        })),
      ),
    })),
    handler(deleteRecordsApi, ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, offset }) => {
          try {
            return { index, lowWatermark: deleteRecords(state, name, index, offset), errorCode: ErrorCode.NONE };
          } catch (error) {
            return { index, lowWatermark: -1, errorCode: codeOf(error) };
          }
        }),
      })),
    })),
  ];
}

const NOWHERE = { timestamp: -1, offset: -1, leaderEpoch: -1 };

async function find(log: PartitionLog, timestamp: number, committed: boolean): Promise<typeof NOWHERE> {
  const end = log.endOf(committed ? 'read_committed' : 'read_uncommitted');
  if (timestamp === LATEST) return { timestamp: -1, offset: end, leaderEpoch: 0 };
  if (timestamp === EARLIEST) return { timestamp: -1, offset: log.startOffset, leaderEpoch: 0 };
  const found = await (timestamp === MAX_TIMESTAMP ? log.latest() : log.since(timestamp));
  return found === null || found.offset >= end ? NOWHERE : { ...found, leaderEpoch: 0 };
}

/** −1 = everything there is. */
function deleteRecords(state: BrokerState, topic: string, partition: number, before: number): number {
  const log = state.topics.partition(topic, partition);
  if (log === undefined) {
    throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
  }
  const offset = before === -1 ? log.endOffset : before;
  if (offset < 0 || offset > log.endOffset) {
    throw new BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE, `offset ${offset} is outside of [0, ${log.endOffset}]`);
  }
  if (offset > log.startOffset) state.topics.deleteRecords(topic, partition, offset);
  return log.startOffset;
}
