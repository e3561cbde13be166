import type { BrokerState } from '../broker-state.ts';
import { codeOf, ErrorCode } from '../wire/error-code.ts';
import { addOffsetsToTxnApi, addPartitionsToTxnApi, endTxnApi, initProducerIdApi, txnOffsetCommitApi } from '../wire/transaction-apis.ts';
import { checkCommitter, checkOffset, eachPartition, toCommit } from './committed-offsets.ts';
import { type Handler, handler } from './handler.ts';

/** PRODUCER_FENCED has a code of its own from these versions on (KIP-588); older clients know INVALID_PRODUCER_EPOCH. */
const FENCED_SINCE = { initProducerId: 4, others: 2 };

/** InitProducerId and the four requests of a transaction. */
export function transactionHandlers(state: BrokerState): Handler[] {
  const { transactions } = state;
  return [
    handler(initProducerIdApi, ({ transactionalId, timeoutMs, producerId, producerEpoch }, { version }) => {
      const expected = producerId < 0 ? null : { producerId, producerEpoch };
      try {
        const identity = transactionalId === null ? transactions.newProducer() : transactions.init(transactionalId, timeoutMs, expected);
        return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, ...identity };
      } catch (error) {
        const errorCode = fencedCode(codeOf(error), version >= FENCED_SINCE.initProducerId);
        return { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 };
      }
    }),
    handler(addPartitionsToTxnApi, ({ transactionalId, topics, ...producer }, { version }) => {
      const asked = topics.map(({ name, partitions }) => ({ name, partitions: partitions.map((index) => ({ index })) }));
      const unknown = (name: string, index: number) => state.topics.partition(name, index) === undefined;
      // All or none, as in Kafka: a transaction never holds half of a request.
      if (asked.some(({ name, partitions }) => partitions.some(({ index }) => unknown(name, index)))) {
        const codes = eachPartition(asked, (name, { index }) =>
          unknown(name, index) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.OPERATION_NOT_ATTEMPTED,
        );
        return { throttleTimeMs: 0, topics: codes };
      }
      const partitions = asked.flatMap(({ name, partitions }) => partitions.map(({ index }) => ({ topic: name, partition: index })));
      const errorCode = attempt(version, () => transactions.addPartitions(transactionalId, producer, partitions));
      return { throttleTimeMs: 0, topics: eachPartition(asked, () => errorCode) };
    }),
    handler(addOffsetsToTxnApi, ({ transactionalId, groupId, ...producer }, { version }) => ({
      throttleTimeMs: 0,
      errorCode: attempt(version, () => transactions.addGroup(transactionalId, producer, groupId)),
    })),
    handler(txnOffsetCommitApi, ({ transactionalId, groupId, generation, memberId, instanceId, topics, ...producer }, { version }) => {
      const groupError = checkCommitter(state, groupId, generation, memberId, instanceId);
      const codes = eachPartition(topics, (name, asked) => (groupError === ErrorCode.NONE ? checkOffset(state, name, asked) : groupError));
      const offsets = topics.flatMap(({ name, partitions }, topic) =>
        partitions.filter((_, at) => codes[topic]?.partitions[at]?.errorCode === ErrorCode.NONE).map((asked) => toCommit(name, asked)),
      );
      const errorCode = attempt(version, () => transactions.addOffsets(transactionalId, producer, groupId, offsets));
      return { throttleTimeMs: 0, topics: errorCode === ErrorCode.NONE ? codes : eachPartition(topics, () => errorCode) };
    }),
    handler(endTxnApi, ({ transactionalId, committed, ...producer }, { version }) => ({
      throttleTimeMs: 0,
      errorCode: attempt(version, () => transactions.end(transactionalId, producer, committed)),
    })),
  ];
}

function attempt(version: number, run: () => void): ErrorCode {
  try {
    run();
    return ErrorCode.NONE;
  } catch (error) {
    return fencedCode(codeOf(error), version >= FENCED_SINCE.others);
  }
}

function fencedCode(code: ErrorCode, known: boolean): ErrorCode {
  return code === ErrorCode.PRODUCER_FENCED && !known ? ErrorCode.INVALID_PRODUCER_EPOCH : code;
}
