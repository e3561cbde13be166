import type { BrokerState } from '../broker-state.ts';
import { checkProducedBatch, stampLogAppendTime } from '../log/record-batch.ts';
import { topicConfig } from '../topic-configs.ts';
import type { Topic } from '../topics.ts';
import { produceApi } from '../wire/data-apis.ts';
import { BrokerError, codeOf, ErrorCode } from '../wire/error-code.ts';
import { UnanswerableError } from '../wire/reader.ts';
import { type Handler, handler } from './handler.ts';

interface Appended {
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
}

/** Produce: each partition's batch succeeds or fails alone. */
export function produceHandler(state: BrokerState): Handler {
  return handler(produceApi, ({ transactionalId, acks, topics }) => {
    let failed = false;
    const answers = topics.map(({ name, partitions }) => {
      const topic = state.topics.get(name);
      return {
        name,
        partitions: partitions.map(({ index, records }) => {
          try {
            if (acks < -1 || acks > 1) throw new BrokerError(ErrorCode.INVALID_REQUIRED_ACKS, `acks must be -1, 0 or 1, not ${acks}`);
            const appended = append(state, topic, index, records, transactionalId);
            return { index, errorCode: ErrorCode.NONE, ...appended, recordErrors: [], errorMessage: null };
          } catch (error) {
            failed = true;
            return { index, errorCode: codeOf(error), ...NOWHERE, recordErrors: [], errorMessage: (error as Error).message };
          }
        }),
      };
    });
    // A producer that wants no answer learns of a failure by losing its connection, as in Kafka.
    if (acks === 0 && failed) throw new UnanswerableError('a batch sent with acks=0 was refused');
    return acks === 0 ? null : { topics: answers, throttleTimeMs: 0 };
  });
}

const NOWHERE: Appended = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };

function append(
  state: BrokerState,
  topic: Topic | undefined,
  partition: number,
  records: Buffer | null,
  transactionalId: string | null,
): Appended {
  const log = topic?.partitions[partition];
  if (topic === undefined || log === undefined) {
    throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
  }
  if (records === null) throw new BrokerError(ErrorCode.INVALID_RECORD, 'the request has no records for the partition');
  const header = checkProducedBatch(records);
  const maxBytes = Number(topicConfig(topic.configs, 'max.message.bytes'));
  if (records.length > maxBytes) {
    throw new BrokerError(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${topic.name}-${partition} is ${records.length} bytes which exceeds the maximum configured value of ${maxBytes}.`,
    );
  }
  if (header.transactional) state.transactions.checkProduce(transactionalId, header, topic.name, partition);
  if (header.producerId >= 0) {
    const known = log.producers.check(header);
    if (known !== null) return { baseOffset: known, logAppendTimeMs: -1, logStartOffset: log.startOffset };
  }
  const nowMs = state.timers.now();
  const stamped = topicConfig(topic.configs, 'message.timestamp.type') === 'LogAppendTime';
  if (stamped) {
    stampLogAppendTime(records, nowMs);
    const baseOffset = log.append(records, { ...header, maxTimestamp: nowMs, logAppendTime: true });
    return { baseOffset, logAppendTimeMs: nowMs, logStartOffset: log.startOffset };
  }
  const latest = nowMs + Number(topicConfig(topic.configs, 'message.timestamp.after.max.ms'));
  if (header.maxTimestamp > latest) {
    throw new BrokerError(
      ErrorCode.INVALID_TIMESTAMP,
      `a timestamp of ${header.maxTimestamp} is later than ${latest} (message.timestamp.after.max.ms)`,
    );
  }
  return { baseOffset: log.append(records, header), logAppendTimeMs: -1, logStartOffset: log.startOffset };
}
