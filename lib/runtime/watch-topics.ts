import type { Clock } from '../core/clock.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';
import type { LoadedConnector, SinkTopics } from './loaded-connector.ts';

/** A sink that waits for a topic looks often; one whose topics may only grow, seldom (Kafka's `metadata.max.age.ms` is 5 minutes). */
const WAITING_EVERY_MS = 1_000;
const OPEN_EVERY_MS = 10_000;
const SETTLED_EVERY_MS = 60_000;

/** Calls `onChange` once when the partitions of a sink's topics are no longer those in `known`, or a topic was created again; ends then, or at `stop`. */
export async function watchTopics(
  loaded: LoadedConnector,
  known: SinkTopics,
  clock: Clock,
  stop: AbortSignal,
  onChange: () => void,
): Promise<void> {
  const before = keys(known);
  const everyMs = known.missing.length > 0 ? WAITING_EVERY_MS : known.open ? OPEN_EVERY_MS : SETTLED_EVERY_MS;
  while (!stop.aborted) {
    await clock.sleep(everyMs, stop);
    if (stop.aborted) return;
    // An outage of Kafka is the fetch loop's to report; here it only means that nothing is known yet.
    const now = await loaded.sinkTopics().catch(() => known);
    if (keys(now) !== before) return onChange();
  }
}

function keys({ partitions, topics }: SinkTopics): string {
  return partitions
    .map(({ topic, partition }) => `${topicPartitionKey(topic, partition)}@${topics.get(topic)?.topicId ?? ''}`)
    .sort()
    .join();
}
