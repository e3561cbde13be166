import { partitionFor } from '../../../lib/kafka/default-partitioner.ts';
import { murmur2 } from '../../../lib/kafka/murmur2.ts';
import type { ConformanceCase } from '../format/case.ts';

export function run({ input, expect }: ConformanceCase): unknown {
  const key = Buffer.from(input!.bytes as string, 'base64');
  const counts = Object.keys(expect.partition as object);
  return { murmur2: murmur2(key), partition: Object.fromEntries(counts.map((count) => [count, partitionFor(key, Number(count))])) };
}
