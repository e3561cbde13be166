import type { KeptOffset } from '../core/sink.ts';
import { topicPartitionKey } from '../core/topic-partition.ts';
import { StateCorruptException } from './errors.ts';
import type { Watermark } from './offset-store.ts';

/** A watermark as a target keeps it: what only the runtime understands is one text. */
export function keptOffset({ nextOffset, partition, topic, ...evidence }: Watermark): KeptOffset {
  return { topic, partition, nextOffset, evidence: JSON.stringify(evidence) };
}

/** The inverse of {@link keptOffset}. Throws StateCorruptException for evidence that is not the runtime's. */
export function watermarkOf({ evidence, nextOffset, partition, topic }: KeptOffset): Watermark {
  try {
    const more = JSON.parse(evidence) as Omit<Watermark, 'topic' | 'partition' | 'nextOffset'>;
    if (!Array.isArray(more.delivered)) throw new SyntaxError('no list in delivered');
    return { ...more, topic, partition, nextOffset };
  } catch (error) {
    throw new StateCorruptException(
      `the evidence that the target keeps of ${topicPartitionKey(topic, partition)} cannot be read (${String(error)}): ${evidence.slice(0, 200)}`,
      { cause: error },
    );
  }
}
