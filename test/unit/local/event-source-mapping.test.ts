import { afterEach, describe, expect, it } from 'vitest';
import type { ConsumerRecord } from '../../../lib/core/kafka-record.ts';
import type { FailedBatch, FunctionAnswer } from '../../../lib/local/event-source-mapping/delivery.ts';
import {
  createEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
} from '../../../lib/local/event-source-mapping/event-source-mapping.ts';
import { FakeTopic } from './fake-kafka.ts';

const OK: FunctionAnswer = { functionError: null, payload: 'null' };
const FAILED: FunctionAnswer = { functionError: 'Unhandled', payload: '{}' };
const open: EventSourceMapping[] = [];

afterEach(async () => {
  for (const mapping of open.splice(0)) await mapping.disable();
});

/** Starts a mapping; `answer` gets each batch as texts such as `0:a` (partition and value). */
function start(
  topic: FakeTopic,
  answer: (batch: string[], call: number) => FunctionAnswer,
  options: Partial<EventSourceMappingOptions> = {},
) {
  const calls: string[][] = [];
  const mapping = createEventSourceMapping({
    topic: topic.topic,
    groupId: 'g',
    reader: topic.reader,
    groupOffsets: topic.groupOffsets,
    admin: topic.admin,
    batchWindowMs: 20,
    backoffMs: 1,
    toEvent: textsOf,
    invoke: async (event) => {
      calls.push(event as string[]);
      return answer(event as string[], calls.length);
    },
    ...options,
  });
  open.push(mapping);
  mapping.enable();
  return { mapping, calls };
}

const textsOf = (records: readonly ConsumerRecord[]): string[] =>
  records.map((r) => `${r.partition}:${Buffer.from(r.value ?? []).toString()}`);

async function until(claim: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await claim()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect.fail('it never came true');
}

describe('event source mapping', () => {
  it('delivers everything in order per partition, in batches of its size, and commits', async () => {
    const topic = new FakeTopic('t', 3);
    for (let i = 0; i < 100; i++) topic.add(i % 3, String(i));
    const { mapping, calls } = start(topic, () => OK, { batchSize: 10 });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls.every((batch) => batch.length <= 10)).toBe(true);
    for (const partition of [0, 1, 2]) {
      const seen = calls.flat().filter((text) => text.startsWith(`${partition}:`));
      expect(seen).toEqual(textsOf(topic.logs[partition] ?? []));
    }
    expect(mapping.stats()).toMatchObject({ records: 100, failedInvocations: 0 });
  });

  it('sends what has come when the window closes', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a', 'b');
    const { calls } = start(topic, () => OK, { batchSize: 1000, batchWindowMs: 60 });

    await until(() => calls.length === 1);
    topic.add(0, 'c');
    await until(() => calls.length === 2);

    expect(calls).toEqual([['0:a', '0:b'], ['0:c']]);
  });

  it('ends a batch at 6 MB', async () => {
    const topic = new FakeTopic('t', 1);
    const big = 'x'.repeat(2 * 1024 * 1024);
    topic.add(0, big, big, big, big, big);
    const { calls } = start(topic, () => OK, { toEvent: (records) => records.map((r) => String(r.offset)) });

    await until(() => calls.flat().length === 5);

    expect(calls).toEqual([['0', '1'], ['2', '3'], ['4']]);
  });

  it('repeats a failing batch whole and blocks its partition until it succeeds', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a', 'b');
    const { mapping, calls } = start(topic, (_batch, call) => (call < 4 ? FAILED : OK), { batchSize: 2 });

    await until(() => calls.length >= 2);
    topic.add(0, 'c', 'd');
    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([...Array(4).fill(['0:a', '0:b']), ['0:c', '0:d']]);
    expect(mapping.stats()).toMatchObject({ failedInvocations: 3, dropped: 0 });
  });

  it('waits for a throttled or unreachable function without losing a record', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a');
    const throttle = Object.assign(new Error('busy'), { name: 'TooManyRequestsException' });
    const errors: unknown[] = [];
    let calls = 0;
    const { mapping } = start(topic, () => OK, {
      maximumRetryAttempts: 0,
      invoke: async () => {
        calls++;
        if (calls < 3) throw throttle;
        if (calls === 3) throw new Error('connection refused');
        return OK;
      },
      onError: (error) => errors.push(error),
    });

    await until(async () => (await mapping.lag()) === 0);

    expect(mapping.stats()).toMatchObject({ throttled: 2, dropped: 0, invocations: 1 });
    expect(errors).toHaveLength(1);
  });

  it('gives up after the allowed attempts, hands the batch to the destination and goes on', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'bad');
    const failed: FailedBatch[] = [];
    const { mapping, calls } = start(topic, (batch) => (batch.includes('0:bad') ? FAILED : OK), {
      maximumRetryAttempts: 2,
      onFailure: async (one) => void failed.push(one),
    });
    await until(() => failed.length === 1);
    topic.add(0, 'good');
    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([['0:bad'], ['0:bad'], ['0:bad'], ['0:good']]);
    expect(failed[0]).toMatchObject({ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 });
    expect(textsOf(failed[0]?.records ?? [])).toEqual(['0:bad']);
  });

  it('stops after 10 retries where there is a destination, even when told to retry for ever', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'bad');
    const { mapping, calls } = start(topic, () => FAILED, { maximumRetryAttempts: -1, onFailure: async () => undefined, backoffMs: 0 });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toHaveLength(11);
  });

  it('drops records beyond the maximum age', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'old');
    (topic.logs[0] as { timestamp: number }[])[0] = { ...(topic.logs[0]?.[0] as ConsumerRecord), timestamp: Date.now() - 120_000 };
    topic.add(0, 'new');
    const { mapping, calls } = start(topic, (batch) => (batch.includes('0:old') ? FAILED : OK), { maximumRecordAgeSeconds: 60 });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([['0:old', '0:new'], ['0:new']]);
    expect(mapping.stats().dropped).toBe(1);
  });

  it('halves a failing batch down to the bad record', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a', 'b', 'bad', 'd');
    const failed: FailedBatch[] = [];
    const delivered: string[] = [];
    const { mapping } = start(
      topic,
      (batch) => {
        if (batch.includes('0:bad')) return FAILED;
        delivered.push(...batch);
        return OK;
      },
      { batchSize: 4, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, onFailure: async (one) => void failed.push(one) },
    );

    await until(async () => (await mapping.lag()) === 0);

    expect(delivered).toEqual(['0:a', '0:b', '0:d']);
    expect(failed.flatMap((one) => textsOf(one.records))).toEqual(['0:bad']);
  });

  it.each([
    [
      'from-lowest',
      [
        ['0:a', '0:b', '0:c', '1:x'],
        ['0:b', '0:c'],
      ],
    ],
    ['exactly-reported', [['0:a', '0:b', '0:c', '1:x'], ['0:b']]],
  ] as const)('reads a partial answer as %s', async (partialReading, expected) => {
    const topic = new FakeTopic('t', 2);
    topic.add(0, 'a', 'b', 'c');
    topic.add(1, 'x');
    const report = JSON.stringify({ batchItemFailures: [{ itemIdentifier: { partition: 't-0', offset: 1 } }] });
    const { mapping, calls } = start(topic, (_batch, call) => (call === 1 ? { functionError: null, payload: report } : OK), {
      partialReading,
      reportBatchItemFailures: true,
    });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual(expected);
  });

  it.each([
    ['names a record that was not in the batch', '{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":99}}]}'],
    ['has a text as identifier', '{"batchItemFailures":[{"itemIdentifier":"t-0-1"}]}'],
  ])('repeats the whole batch when a partial answer %s', async (_why, payload) => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a', 'b');
    const { mapping, calls } = start(topic, (_batch, call) => (call === 1 ? { functionError: null, payload } : OK), {
      reportBatchItemFailures: true,
    });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([
      ['0:a', '0:b'],
      ['0:a', '0:b'],
    ]);
  });

  it('ignores a partial answer where the mapping does not ask for one', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a');
    const payload = '{"batchItemFailures":[{"itemIdentifier":{"partition":"t-0","offset":0}}]}';
    const { mapping, calls } = start(topic, () => ({ functionError: null, payload }));

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([['0:a']]);
  });

  it('goes on from the committed offsets after being disabled, delivering what was not committed again', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a', 'b');
    const { mapping, calls } = start(topic, (_batch, call) => (call === 2 ? FAILED : OK), { batchSize: 1, backoffMs: 60_000 });

    await until(() => calls.length === 2);
    await mapping.disable();
    expect(topic.committed.get('t-0')).toBe(1);
    mapping.enable();
    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([['0:a'], ['0:b'], ['0:b']]);
  });

  it('delivers a batch again on request, as after a crash before its commit', async () => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'a');
    const { mapping, calls } = start(topic, () => OK, { redeliver: (batch) => batch === 0 });

    await until(async () => (await mapping.lag()) === 0);

    expect(calls).toEqual([['0:a'], ['0:a']]);
    expect(mapping.stats().redelivered).toBe(1);
  });

  it.each([
    ['LATEST', 2],
    ['TRIM_HORIZON', 0],
  ] as const)('begins at %s without committed offsets', async (startingPosition, first) => {
    const topic = new FakeTopic('t', 1);
    topic.add(0, 'old', 'older');
    const seen: number[] = [];
    const { mapping } = start(topic, () => OK, {
      startingPosition,
      toEvent: (records) => records.map((r) => seen.push(r.offset)),
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    topic.add(0, 'new');
    await until(() => seen.includes(2));

    expect(seen[0]).toBe(first);
    await mapping.disable();
  });

  it('waits for a topic that does not exist yet', async () => {
    const topic = new FakeTopic('t', 1);
    topic.exists = false;
    const { mapping, calls } = start(topic, () => OK);
    expect(await mapping.lag()).toBeNull();

    topic.add(0, 'a');
    topic.exists = true;
    await until(() => calls.length === 1);

    expect(calls).toEqual([['0:a']]);
  });
});
