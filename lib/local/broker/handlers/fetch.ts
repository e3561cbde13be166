import type { BrokerState } from '../broker-state.ts';
import type { Isolation, PartitionLog } from '../log/partition-log.ts';
import { fetchApi } from '../wire/data-apis.ts';
import { codeOf, ErrorCode } from '../wire/error-code.ts';
import type { Decoded } from '../wire/fields.ts';
import { type Handler, handler } from './handler.ts';

type FetchRequest = Decoded<typeof fetchApi.request>;
type FetchResponse = Decoded<typeof fetchApi.response>;

/** Fetch: answers once there are `minBytes`, something is wrong, or the time is up. */
export function fetchHandler(state: BrokerState): Handler {
  return handler(fetchApi, async (request, { closed }) => {
    const untilMs = state.timers.now() + request.maxWaitMs;
    while (!isReady(state, request)) {
      const leftMs = untilMs - state.timers.now();
      if (leftMs <= 0 || closed.aborted) break;
      await changeOrTimeout(state, request, leftMs, closed);
    }
    return answer(state, request);
  });
}

function isReady(state: BrokerState, { topics, minBytes, isolationLevel }: FetchRequest): boolean {
  let bytes = 0;
  for (const { name, partitions } of topics) {
    for (const { index, fetchOffset } of partitions) {
      const log = state.topics.partition(name, index);
      if (log === undefined || fetchOffset < log.startOffset || fetchOffset > log.endOffset) return true;
      bytes += log.bytesFrom(fetchOffset, isolationOf(isolationLevel));
    }
  }
  return bytes >= minBytes;
}

function changeOrTimeout(state: BrokerState, { topics }: FetchRequest, leftMs: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const done = (): void => {
      closed.removeEventListener('abort', done);
      for (const stop of stops) stop();
      resolve();
    };
    for (const { name, partitions } of topics) {
      for (const { index } of partitions) {
        const log = state.topics.partition(name, index);
        if (log !== undefined) stops.push(log.onChange(done));
      }
    }
    stops.push(state.timers.after(leftMs, done));
    closed.addEventListener('abort', done);
  });
}

function answer(state: BrokerState, request: FetchRequest): FetchResponse {
  const isolation = isolationOf(request.isolationLevel);
  let leftBytes = request.maxBytes;
  let found = false;
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, fetchOffset, maxBytes }) => {
      const log = state.topics.partition(name, index);
      if (log === undefined) return { ...NOTHING, index, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
      try {
        // The first batch of the whole answer comes whatever its size, or a consumer would be stuck (KIP-74).
        const slice = log.read(fetchOffset, Math.min(maxBytes, leftBytes), isolation, !found);
        leftBytes -= slice.sizeBytes;
        found ||= slice.sizeBytes > 0;
        return {
          ...bounds(log),
          index,
          errorCode: ErrorCode.NONE,
          aborted: isolation === 'read_committed' ? slice.aborted : null,
          preferredReadReplica: -1,
          records: slice.batches,
        };
      } catch (error) {
        return { ...NOTHING, index, errorCode: codeOf(error) };
      }
    }),
  }));
  return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, sessionId: 0, topics };
}

function bounds(log: PartitionLog) {
  return { highWatermark: log.endOffset, lastStableOffset: log.lastStableOffset, logStartOffset: log.startOffset };
}

const NOTHING = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, aborted: null, preferredReadReplica: -1, records: [] };

function isolationOf(level: number): Isolation {
  return level === 1 ? 'read_committed' : 'read_uncommitted';
}
