import { startBroker } from '../../../lib/local/broker/broker.ts';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { startKafka } from '../../support/kafka/start-kafka.ts';

/** A broker under test. */
export interface Target {
  readonly bootstrap: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** One kind of broker, and why it cannot be judged here (null = it can). */
export interface TargetKind {
  readonly name: string;
  readonly unavailable: string | null;
  start(): Promise<Target>;
}

/** Settings under which the suite runs; whatever passes on one must pass on the other. */
const KAFKA_PROPERTIES = {
  'group.min.session.timeout.ms': '500',
  // Records in these suites are years old: retention must not come in between (30 s after the start by default).
  'log.initial.task.delay.ms': '3600000',
  // Kafka looks for timed-out transactions every 10 s by default.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
};

/** The embedded broker and the real one. */
export const targets: readonly TargetKind[] = [
  {
    name: 'embedded broker',
    unavailable: null,
    start: async () => {
      const broker = await startBroker({ minSessionTimeoutMs: 500 });
      return { bootstrap: broker.bootstrap, port: broker.port, stop: () => broker.close() };
    },
  },
  {
    name: 'Apache Kafka 4.3.0',
    unavailable: kafkaUnavailable(),
    start: () => startKafka({ properties: KAFKA_PROPERTIES }),
  },
];

/** The name of a suite says why it is skipped. */
export function titleOf(kind: TargetKind): string {
  return kind.unavailable === null ? kind.name : `${kind.name} (skipped: ${kind.unavailable})`;
}
