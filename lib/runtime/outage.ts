import { KafkaException } from '../kafka/errors.ts';
import { StateUnavailableException } from '../state/errors.ts';

/**
 * Was it Kafka or the state table that could not be reached, for longer than their clients try? Then the task is not FAILED, which somebody would have to
 * mend: it is run again. What a plug-in throws is its own judgement, as in Connect.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof StateUnavailableException) return true;
  // A topic that is not there looks like one that is about to be; who waited for it has waited long enough.
  return error instanceof KafkaException && error.retriable && error.kafkaCode !== 'UNKNOWN_TOPIC_OR_PARTITION';
}
