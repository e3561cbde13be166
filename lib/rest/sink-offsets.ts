import { adminSettings, type ClientOwner, consumerSettings } from '../config/client-settings.ts';
import { effectiveTrigger } from '../config/lambda-keys.ts';
import { mappingGroup } from '../config/sink-groups.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { JavaPattern } from '../core/java/regex.ts';
import type { SinkConnector } from '../core/sink.ts';
import { parseTopicPartitionKey, type TopicPartition, topicPartitionKey } from '../core/topic-partition.ts';
import type { CommittedPosition } from '../kafka/partition-reader.ts';
import { keptOffset, watermarkOf } from '../state/kept-offsets.ts';
import type { LeaseToken } from '../state/lease-store.ts';
import type { Watermark } from '../state/offset-store.ts';
import { GROUP_MARK, isOwnPosition, RESET_POSITION } from '../state/watermarks.ts';
import { type KnownConnector, manifestOf } from './connector-info.ts';
import type { GivenOffset } from './offsets.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException } from './rest-exception.ts';
import { SinkConsumerGroups } from './sink-consumer-groups.ts';

/** A sink's offset as REST shows it. */
interface SinkOffsetInfo {
  readonly partition: { readonly kafka_topic: string; readonly kafka_partition: number };
  readonly offset: { readonly kafka_offset: number };
}

/** Where a sink goes on per partition: its watermark, or its group's offset where somebody else moved that or there is no watermark. */
export async function listSinkOffsets(deps: RestDeps, known: KnownConnector): Promise<SinkOffsetInfo[]> {
  const { committed, watermarks } = await positions(deps, known);
  const found: SinkOffsetInfo[] = [];
  for (const key of [...new Set([...watermarks.keys(), ...committed.keys()])].sort()) {
    const watermark = watermarks.get(key);
    const group = committed.get(key);
    const isOurs = watermark !== undefined && (group === undefined || isOwnPosition(watermark, group));
    const offset = isOurs ? watermark.nextOffset : group?.offset;
    if (offset === undefined || offset === RESET_POSITION) continue;
    const { partition, topic } = parseTopicPartitionKey(key);
    found.push({ partition: { kafka_topic: topic, kafka_partition: partition }, offset: { kafka_offset: offset } });
  }
  return found;
}

/** Next offset per `topicPartitionKey`; null = reset. Throws BadRequestException with Connect's texts. */
export function readSinkOffsets(given: readonly GivenOffset[]): Map<string, number | null> {
  const read = new Map<string, number | null>();
  for (const { offset, partition } of given) {
    if (!isMap(partition)) throw new BadRequestException('The partition for a sink connector offset cannot be null or missing');
    if (!('kafka_topic' in partition) || !('kafka_partition' in partition)) {
      throw new BadRequestException("The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'");
    }
    const { kafka_topic: topic, kafka_partition: number } = partition;
    if (topic === null) throw new BadRequestException('Kafka topic names must be valid strings and may not be null');
    if (number === null) throw new BadRequestException('Kafka partitions must be valid numbers and may not be null');
    const key = topicPartitionKey(String(topic), wholeNumber(number, 'partition'));
    if (offset === null) {
      read.set(key, null);
      continue;
    }
    if (!isMap(offset) || offset.kafka_offset === undefined || offset.kafka_offset === null) {
      throw new BadRequestException("The offset for a sink connector should either be null or contain the key 'kafka_offset'");
    }
    read.set(key, wholeNumber(offset.kafka_offset, 'offset'));
  }
  return read;
}

/**
 * Moves a sink: its watermarks first, which decide, then its consumer group for those who look there. After a kill in between the sink goes on
 * where the watermarks say, and the same request again does what is left. True = the connector has a say in it.
 */
export async function alterSinkOffsets(
  deps: RestDeps,
  known: KnownConnector,
  token: LeaseToken,
  offsets: ReadonlyMap<string, number | null>,
): Promise<boolean> {
  const { state, stored } = known;
  const props = await deps.resolveVariables(stored.config);
  const connector = await connectorOf(deps, known);
  const agreed = connector?.alterOffsets === undefined ? false : await connector.alterOffsets(props, offsets);
  const { byTarget, committed, groups, watermarks } = await positions(deps, known, [...offsets.keys()].map(parseTopicPartitionKey));
  const moved = [...offsets].map(([key, offset]): Watermark => {
    const before = committed.get(key);
    const { partition, topic } = parseTopicPartitionKey(key);
    // What the group still says is known to be old; what was delivered before may be delivered again now.
    const old = before === undefined ? {} : { groupAt: before.offset };
    return { topic, partition, nextOffset: offset ?? RESET_POSITION, delivered: [], ...old };
  });
  const previous = new Map([...offsets.keys()].map((key) => [key, watermarks.get(key) ?? null]));
  if (byTarget) await connector?.setKeptOffsets?.(props, moved.map(keptOffset));
  else await deps.stores.offsets.commitWatermarks(state.name, { previous, byHand: token }, moved);
  const set = new Map([...offsets].filter((entry): entry is [string, number] => entry[1] !== null));
  const forgotten = [...offsets].filter(([, offset]) => offset === null).map(([key]) => parseTopicPartitionKey(key));
  await groups.commit(set, GROUP_MARK);
  await groups.remove(forgotten);
  return agreed;
}

/** Forgets every position: the sink goes on where `auto.offset.reset` says. */
export async function resetSinkOffsets(deps: RestDeps, known: KnownConnector, token: LeaseToken): Promise<boolean> {
  const { committed, watermarks } = await positions(deps, known);
  return alterSinkOffsets(deps, known, token, new Map([...watermarks.keys(), ...committed.keys()].map((key) => [key, null])));
}

async function connectorOf({ plugins }: RestDeps, { stored }: KnownConnector): Promise<SinkConnector | null> {
  const manifest = manifestOf(plugins, stored);
  return manifest === null ? null : (new (await manifest.load())() as SinkConnector);
}

interface SinkPositions {
  readonly groups: SinkConsumerGroups;
  /** The target keeps the watermarks, not the state table. */
  readonly byTarget: boolean;
  readonly watermarks: ReadonlyMap<string, Watermark>;
  readonly committed: ReadonlyMap<string, CommittedPosition>;
}

async function positions(deps: RestDeps, known: KnownConnector, more: readonly TopicPartition[] = []): Promise<SinkPositions> {
  const { state, stored } = known;
  const [props, worker] = await Promise.all([deps.resolveVariables(stored.config), deps.resolveVariables(deps.workerProps)]);
  const owner: ClientOwner = { connector: state.name, task: null, props, worker };
  const settings = consumerSettings(owner);
  const groupOf = groupsByTopic(deps, known, props, settings['group.id'] ?? `connect-${state.name}`);
  const groups = new SinkConsumerGroups((await deps.kafka()).groupOffsets(settings), groupOf);
  const kept = (await (await connectorOf(deps, known))?.keptOffsets?.(props)) ?? null;
  const watermarks = new Map(
    (kept?.map(watermarkOf) ?? (await deps.stores.offsets.listWatermarks(state.name))).map((each) => [
      topicPartitionKey(each.topic, each.partition),
      each,
    ]),
  );
  const partitions = new Map<string, TopicPartition>();
  for (const tp of [...watermarks.values(), ...more, ...(await partitionsOf(deps, owner))]) {
    partitions.set(topicPartitionKey(tp.topic, tp.partition), { topic: tp.topic, partition: tp.partition });
  }
  return { groups, byTarget: kept !== null, watermarks, committed: await groups.committed([...partitions.values()]) };
}

/** Where event source mappings read for a sink, each topic has a consumer group of its own; else the connector has one. */
function groupsByTopic(deps: RestDeps, { state, stored }: KnownConnector, props: ConnectorProps, group: string): (topic: string) => string {
  const manifest = manifestOf(deps.plugins, stored);
  if (deps.deployment === null || manifest === null || effectiveTrigger('sink', props, manifest) === 'schedule') return () => group;
  const topics = topicsOf(props);
  return (topic) => mappingGroup(state.name, props, topics, topic);
}

function topicsOf({ topics = '' }: ConnectorProps): string[] {
  return topics
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
}

/** Every partition of the topics that the configuration names. */
async function partitionsOf(deps: RestDeps, owner: ClientOwner): Promise<TopicPartition[]> {
  const admin = (await deps.kafka()).admin(adminSettings(owner));
  try {
    const regex = owner.props['topics.regex'] ?? '';
    const pattern = regex === '' ? null : new JavaPattern(regex);
    const topics = pattern === null ? topicsOf(owner.props) : (await admin.listTopics()).filter((topic) => pattern.matches(topic));
    const described = await admin.describeTopics(topics);
    return [...described.values()].flatMap(({ partitions, topic }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
  } finally {
    await admin.close();
  }
}

function wholeNumber(value: unknown, what: 'partition' | 'offset'): number {
  const number = /^[+-]?\d+$/.test(String(value)) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) {
    const plural = what === 'partition' ? 'Partition' : 'Offset';
    throw new BadRequestException(
      `Failed to parse the following Kafka ${what} value in the provided offsets: '${String(value)}'. ${plural} values for sink connectors need to be integers.`,
    );
  }
  return number;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
