import { ConnectException } from '../core/errors.ts';

/** What Kafka or the way to it refused. `kafkaCode` is the protocol's name, e.g. `MESSAGE_TOO_LARGE`; null = none reached us. */
export class KafkaException extends ConnectException {
  readonly kafkaCode: string | null;

  constructor(
    message: string,
    options: { kafkaCode: string | null; retriable: boolean; javaClass?: string; cause?: unknown; code?: string },
  ) {
    super(
      message,
      { cause: options.cause },
      options.javaClass ??
        (options.retriable ? 'org.apache.kafka.common.errors.RetriableException' : 'org.apache.kafka.common.KafkaException'),
      options.code ?? (options.kafkaCode === null ? 'kafka' : `kafka-${options.kafkaCode.toLowerCase().replaceAll('_', '-')}`),
      options.retriable,
    );
    this.kafkaCode = options.kafkaCode;
  }
}

/** Another producer with our transactional id, or another owner of our task, took over: stop quietly, it is not a failure. */
export class ProducerFencedException extends KafkaException {
  constructor(message: string, options: { kafkaCode: string | null; cause?: unknown }) {
    super(message, {
      ...options,
      retriable: false,
      javaClass: 'org.apache.kafka.common.errors.ProducerFencedException',
      code: 'producer-fenced',
    });
  }
}

/** A transaction's commit was sent and no answer came: it may or may not have happened. */
export class UnknownCommitOutcomeException extends KafkaException {
  constructor(message: string, options: { cause?: unknown }) {
    super(message, {
      ...options,
      kafkaCode: null,
      retriable: false,
      javaClass: 'org.apache.kafka.common.errors.TimeoutException',
      code: 'commit-outcome-unknown',
    });
  }
}
