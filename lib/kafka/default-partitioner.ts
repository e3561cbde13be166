import type { Random } from '../core/clock.ts';
import { murmur2 } from './murmur2.ts';

/** The partition that Java's default partitioner gives a record with this key, of `count` partitions. */
export function partitionFor(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count;
}

/** Records without a key stay on one partition until it has had this many bytes (Java's default `batch.size`; KIP-794). */
const STICKY_BYTES = 16_384;

/** Chooses partitions for records without a key: one at random, kept while it fills a batch, then another. */
export class StickyPartitioner {
  readonly #random: Random;
  readonly #current = new Map<string, { partition: number; bytes: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** `available` = partitions of the topic that have a leader, at least one. */
  next(topic: string, sizeBytes: number, available: readonly number[]): number {
    let current = this.#current.get(topic);
    if (current === undefined || current.bytes >= STICKY_BYTES || !available.includes(current.partition)) {
      const others = available.length > 1 ? available.filter((partition) => partition !== current?.partition) : available;
      current = { partition: others[Math.floor(this.#random() * others.length)] as number, bytes: 0 };
      this.#current.set(topic, current);
    }
    current.bytes += sizeBytes;
    return current.partition;
  }
}
