import { type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { Arguments, CliIo } from './command.ts';
import { connectorInfo } from './connector-infos.ts';
import { everyPartition, type KafkaAccess } from './kafka-access.ts';
import type { OffsetChange } from './offset-change.ts';
import { readOffsets, sinkPartition } from './offsets.ts';
import { UsageException } from './parse-arguments.ts';
import type { RestClient } from './rest-client.ts';
import { timestampMs, wholeNumber } from './usage.ts';

/** Where to move a sink to. */
export type SinkTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'timestamp'; readonly timestampMs: number }
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'exact'; readonly offset: number };

const TARGETS = ['to-earliest', 'to-latest', 'to-timestamp', 'shift-by', 'to-offset'];

/** The one target that the flags name; null = none. Throws UsageException for two. */
export function sinkTargetOf(args: Arguments): SinkTarget | null {
  const [given, second] = TARGETS.filter((flag) => args.has(flag));
  if (second !== undefined) throw new UsageException(`--${given} and --${second} exclude each other`);
  if (given === 'to-earliest') return { kind: 'earliest' };
  if (given === 'to-latest') return { kind: 'latest' };
  if (given === 'to-timestamp') return { kind: 'timestamp', timestampMs: timestampMs(args, 'to-timestamp') as number };
  const most = Number.MAX_SAFE_INTEGER;
  if (given === 'shift-by') return { kind: 'shift', by: wholeNumber(args, 'shift-by', 0, [-most, most]) };
  if (given === 'to-offset') return { kind: 'exact', offset: wholeNumber(args, 'to-offset', 0, [0, most]) };
  return null;
}

/** Topics and partitions that `--topic T[:0,1]` selects, by topic; null = all of a topic. Empty = everything. Throws UsageException. */
export function topicSelection(args: Arguments): Map<string, readonly number[] | null> {
  const selected = new Map<string, readonly number[] | null>();
  for (const text of args.all('topic')) {
    const colon = text.lastIndexOf(':');
    const topic = colon < 0 ? text : text.slice(0, colon);
    const numbers = colon < 0 ? null : text.slice(colon + 1).split(',');
    if (topic === '' || numbers?.some((number) => !/^\d+$/.test(number)))
      throw new UsageException(`--topic must be TOPIC or TOPIC:0,1 with partition numbers, got '${text}'`);
    selected.set(topic, numbers === null ? null : numbers.map(Number));
  }
  return selected;
}

/** Whether a selection holds a partition. */
export function selects(selection: ReadonlyMap<string, readonly number[] | null>, { partition, topic }: TopicPartition): boolean {
  if (selection.size === 0) return true;
  const numbers = selection.get(topic);
  return numbers === null || numbers?.includes(partition) === true;
}

/** The changes that bring a sink's selected partitions to a target. `kafka` null = not reachable: only exact and shifted offsets. */
export async function planSinkMove(
  client: RestClient,
  name: string,
  move: {
    readonly target: SinkTarget;
    readonly selection: ReadonlyMap<string, readonly number[] | null>;
    readonly kafka: KafkaAccess | null;
    readonly io: CliIo;
  },
): Promise<OffsetChange[]> {
  const { io, kafka, selection, target } = move;
  const current = new Map<string, number>();
  const partitions = new Map<string, TopicPartition>();
  const add = (each: TopicPartition) => partitions.set(topicPartitionKey(each.topic, each.partition), each);
  for (const { offset, partition } of await readOffsets(client, name)) {
    const each = { topic: String(partition.kafka_topic), partition: Number(partition.kafka_partition) };
    add(each);
    if (offset !== null) current.set(topicPartitionKey(each.topic, each.partition), Number(offset.kafka_offset));
  }
  for (const [topic, numbers] of selection) for (const partition of numbers ?? []) add({ topic, partition });
  if (kafka !== null) {
    const configured = ((await connectorInfo(client, name)).config.topics ?? '').split(',').map((topic) => topic.trim());
    const known = await kafka.partitionsOf([...new Set([...configured.filter((topic) => topic !== ''), ...selection.keys()])]);
    for (const topic of selection.keys())
      if (!known.has(topic)) throw new UsageException(`--topic names '${topic}', which does not exist in Kafka`);
    for (const each of everyPartition(known)) add(each);
  }
  const chosen = [...partitions.values()]
    .filter((each) => selects(selection, each))
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  const wanted = await targets(chosen, current, target, kafka, io);
  return chosen.flatMap(({ topic, partition }) => {
    const key = topicPartitionKey(topic, partition);
    const before = current.get(key);
    const after = wanted.get(key);
    if (after === undefined || after === before) return [];
    const offset = (value: number | undefined) => (value === undefined ? null : { kafka_offset: value });
    return [{ partition: sinkPartition(topic, partition), before: offset(before), after: offset(after) }];
  });
}

async function targets(
  partitions: readonly TopicPartition[],
  current: ReadonlyMap<string, number>,
  target: SinkTarget,
  kafka: KafkaAccess | null,
  io: CliIo,
): Promise<ReadonlyMap<string, number>> {
  const asked = new Map<string, number>();
  for (const { topic, partition } of partitions) {
    const key = topicPartitionKey(topic, partition);
    const now = current.get(key);
    if (target.kind === 'exact') asked.set(key, target.offset);
    if (target.kind !== 'shift') continue;
    if (now === undefined) io.err.write(`${key} has no offset yet and cannot be shifted\n`);
    else asked.set(key, Math.max(0, now + target.by));
  }
  if (kafka === null || partitions.length === 0) return asked;
  const reader = kafka.clients.reader(kafka.settings);
  try {
    if (target.kind === 'earliest') return await reader.beginningOffsets(partitions);
    if (target.kind === 'latest') return await reader.endOffsets(partitions);
    if (target.kind === 'timestamp') return await reader.offsetsForTime(partitions, target.timestampMs);
    const [first, last] = await Promise.all([reader.beginningOffsets(partitions), reader.endOffsets(partitions)]);
    // What is not there cannot be read: Kafka's own tool moves to the nearest end too.
    for (const [key, offset] of asked) {
      const inside = Math.min(Math.max(offset, first.get(key) ?? 0), last.get(key) ?? offset);
      if (inside !== offset) io.err.write(`${key} has offsets ${first.get(key)} to ${last.get(key)}: ${offset} becomes ${inside}\n`);
      asked.set(key, inside);
    }
    return asked;
  } finally {
    await reader.close();
  }
}
