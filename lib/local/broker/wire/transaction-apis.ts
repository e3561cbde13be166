import type { Api } from './api.ts';
import { array, boolean, type Decoded, int16, int32, int64, nullableString, since, string, struct } from './fields.ts';

const initProducerIdRequest = struct({
  transactionalId: nullableString,
  timeoutMs: int32,
  producerId: since(3, int64, -1),
  producerEpoch: since(3, int16, -1),
});

const initProducerIdResponse = struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 });

export const initProducerIdApi: Api<Decoded<typeof initProducerIdRequest>, Decoded<typeof initProducerIdResponse>> = {
  key: 22,
  name: 'InitProducerId',
  min: 0,
  max: 4,
  flexibleFrom: 2,
  request: initProducerIdRequest,
  response: initProducerIdResponse,
};

const perPartition = array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) }));

const addPartitionsRequest = struct({
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  topics: array(struct({ name: string, partitions: array(int32) })),
});

const addPartitionsResponse = struct({ throttleTimeMs: int32, topics: perPartition });

export const addPartitionsToTxnApi: Api<Decoded<typeof addPartitionsRequest>, Decoded<typeof addPartitionsResponse>> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: addPartitionsRequest,
  response: addPartitionsResponse,
};

const addOffsetsRequest = struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string });

const outcome = struct({ throttleTimeMs: int32, errorCode: int16 });

export const addOffsetsToTxnApi: Api<Decoded<typeof addOffsetsRequest>, Decoded<typeof outcome>> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: addOffsetsRequest,
  response: outcome,
};

const endTxnRequest = struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean });

/** From version 5 on every commit bumps the epoch (KIP-890), which this broker does not offer. */
export const endTxnApi: Api<Decoded<typeof endTxnRequest>, Decoded<typeof outcome>> = {
  key: 26,
  name: 'EndTxn',
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: endTxnRequest,
  response: outcome,
};

const txnOffsetCommitRequest = struct({
  transactionalId: string,
  groupId: string,
  producerId: int64,
  producerEpoch: int16,
  generation: since(3, int32, -1),
  memberId: since(3, string, ''),
  instanceId: since(3, nullableString, null),
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, offset: int64, leaderEpoch: since(2, int32, -1), metadata: nullableString })),
    }),
  ),
});

const txnOffsetCommitResponse = struct({ throttleTimeMs: int32, topics: perPartition });

export const txnOffsetCommitApi: Api<Decoded<typeof txnOffsetCommitRequest>, Decoded<typeof txnOffsetCommitResponse>> = {
  key: 28,
  name: 'TxnOffsetCommit',
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: txnOffsetCommitRequest,
  response: txnOffsetCommitResponse,
};
