import type { ProducerRecord } from '../../core/kafka-record.ts';
import { DESCRIBE_CONFIGS, decodeDescribeTopicConfig, encodeDescribeTopicConfig } from '../protocol/admin.ts';
import { BATCH_HEADER_BYTES, recordSizeUpperBound } from '../protocol/record-batch-writer.ts';
import { halves } from './batch-sender.ts';
import type { Cluster } from './cluster.ts';
import { Batch } from './partition-queue.ts';

/**
 * How large a batch of each topic may be. Kafka's defaults for `max.request.size` and `max.message.bytes` agree, so a topic's limit is
 * asked for only once it refused a batch; where that is forbidden, half of what was refused is tried.
 */
export class BatchLimits {
  readonly #cluster: Cluster;
  readonly #general: number;
  readonly #ofTopic = new Map<string, number>();

  constructor(cluster: Cluster, general: number) {
    this.#cluster = cluster;
    this.#general = general;
  }

  of(topic: string): number {
    return Math.min(this.#general, this.#ofTopic.get(topic) ?? this.#general);
  }

  /** Parts of a batch that the broker found too large at `sizeBytes`; at least two. */
  async split(batch: Batch, sizeBytes: number): Promise<readonly Batch[]> {
    const { topic } = batch.queue;
    if (sizeBytes <= this.of(topic)) {
      const configured = await this.#maxMessageBytes(topic);
      this.#ofTopic.set(topic, configured < sizeBytes ? configured : sizeBytes >> 1);
    }
    const parts = cut(batch, this.of(topic));
    return parts.length > 1 ? parts : halves(batch);
  }

  async #maxMessageBytes(topic: string): Promise<number> {
    try {
      const connection = await this.#cluster.toAny();
      const reader = await connection.request({ ...DESCRIBE_CONFIGS, body: encodeDescribeTopicConfig(topic, 'max.message.bytes') });
      return Number(decodeDescribeTopicConfig(reader) ?? Number.POSITIVE_INFINITY);
    } catch (error) {
      this.#cluster.logger.debug('the limit of a topic cannot be asked for', { topic, error: String(error) });
      return Number.POSITIVE_INFINITY;
    }
  }
}

function cut(batch: Batch, limit: number): readonly Batch[] {
  const parts: Batch[] = [];
  let indices: number[] = [];
  let size = BATCH_HEADER_BYTES;
  const close = () => parts.push(new Batch(batch.queue, batch.send, indices, size, batch.deadline));
  for (const index of batch.indices) {
    const bytes = recordSizeUpperBound(batch.send.records[index] as ProducerRecord);
    if (indices.length > 0 && size + bytes > limit) {
      close();
      indices = [];
      size = BATCH_HEADER_BYTES;
    }
    indices.push(index);
    size += bytes;
  }
  close();
  return parts;
}
