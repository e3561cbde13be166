import { describe, expect, it } from 'vitest';
import { partitionFor, StickyPartitioner } from '../../../lib/kafka/default-partitioner.ts';
import { murmur2 } from '../../../lib/kafka/murmur2.ts';

describe('murmur2', () => {
  // org.apache.kafka.common.utils.UtilsTest#testMurmur2
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('gives a negative hash the partition of its lowest 31 bits', () => {
    expect(partitionFor(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
  });
});

describe('StickyPartitioner', () => {
  const sequence = (...numbers: number[]) => {
    let at = 0;
    return () => numbers[at++ % numbers.length] as number;
  };

  it('stays on a partition for 16 kB, then goes to another', () => {
    const sticky = new StickyPartitioner(sequence(0.5, 0));
    const chosen = Array.from({ length: 40 }, () => sticky.next('t', 1_000, [0, 1, 2]));
    expect(chosen.slice(0, 17)).toEqual(Array(17).fill(1));
    expect(chosen.slice(17, 34)).toEqual(Array(17).fill(0));
  });

  it('leaves a partition without a leader, and knows topics apart', () => {
    const sticky = new StickyPartitioner(sequence(0.9));
    expect(sticky.next('a', 10, [0, 1])).toBe(1);
    expect(sticky.next('a', 10, [0])).toBe(0);
    expect(sticky.next('b', 10, [0, 1])).toBe(1);
  });
});
