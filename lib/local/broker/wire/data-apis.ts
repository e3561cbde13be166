import type { Api } from './api.ts';
import {
  array,
  type Decoded,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  records,
  since,
  string,
  struct,
} from './fields.ts';

// Shapes and versions: https://kafka.apache.org/protocol and the message JSON of Kafka 4.3.

const produceRequest = struct({
  transactionalId: nullableString,
  acks: int16,
  timeoutMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, records: nullableBytes })) })),
});

const produceResponse = struct({
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          baseOffset: int64,
          logAppendTimeMs: int64,
          logStartOffset: since(5, int64, -1),
          recordErrors: since(8, array(struct({ batchIndex: int32, message: nullableString })), []),
          errorMessage: since(8, nullableString, null),
        }),
      ),
    }),
  ),
  throttleTimeMs: int32,
});

/** From version 12 on the broker itself adds partitions to the transaction (KIP-890), which this one does not. */
export const produceApi: Api<Decoded<typeof produceRequest>, Decoded<typeof produceResponse>> = {
  key: 0,
  name: 'Produce',
  min: 3,
  max: 11,
  flexibleFrom: 9,
  request: produceRequest,
  response: produceResponse,
};

const fetchRequest = struct({
  replicaId: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: int8,
  sessionId: since(7, int32, 0),
  sessionEpoch: since(7, int32, -1),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          currentLeaderEpoch: since(9, int32, -1),
          fetchOffset: int64,
          lastFetchedEpoch: since(12, int32, -1),
          logStartOffset: since(5, int64, -1),
          maxBytes: int32,
        }),
      ),
    }),
  ),
  forgotten: since(7, array(struct({ name: string, partitions: array(int32) })), []),
  rackId: since(11, string, ''),
});

const fetchResponse = struct({
  throttleTimeMs: int32,
  errorCode: since(7, int16, 0),
  sessionId: since(7, int32, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({
          index: int32,
          errorCode: int16,
          highWatermark: int64,
          lastStableOffset: int64,
          logStartOffset: since(5, int64, -1),
          aborted: nullableArray(struct({ producerId: int64, firstOffset: int64 })),
          preferredReadReplica: since(11, int32, -1),
          records,
        }),
      ),
    }),
  ),
});

/** Without sessions: answering session 0 tells clients to send every partition again. From 13 on topics come by id. */
export const fetchApi: Api<Decoded<typeof fetchRequest>, Decoded<typeof fetchResponse>> = {
  key: 1,
  name: 'Fetch',
  min: 4,
  max: 12,
  flexibleFrom: 12,
  request: fetchRequest,
  response: fetchResponse,
};

const listOffsetsRequest = struct({
  replicaId: int32,
  isolationLevel: since(2, int8, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 })),
    }),
  ),
});

const listOffsetsResponse = struct({
  throttleTimeMs: since(2, int32, 0),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, errorCode: int16, timestamp: int64, offset: int64, leaderEpoch: since(4, int32, -1) })),
    }),
  ),
});

export const listOffsetsApi: Api<Decoded<typeof listOffsetsRequest>, Decoded<typeof listOffsetsResponse>> = {
  key: 2,
  name: 'ListOffsets',
  min: 1,
  max: 7,
  flexibleFrom: 6,
  request: listOffsetsRequest,
  response: listOffsetsResponse,
};

const deleteRecordsRequest = struct({
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, offset: int64 })) })),
  timeoutMs: int32,
});

const deleteRecordsResponse = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, lowWatermark: int64, errorCode: int16 })) })),
});

export const deleteRecordsApi: Api<Decoded<typeof deleteRecordsRequest>, Decoded<typeof deleteRecordsResponse>> = {
  key: 21,
  name: 'DeleteRecords',
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
};
