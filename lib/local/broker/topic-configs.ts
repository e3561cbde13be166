import { BrokerError, ErrorCode } from './wire/error-code.ts';

/** Types as DescribeConfigs names them. */
type ConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

interface TopicConfig {
  readonly type: ConfigType;
  readonly value: string;
  readonly allowed?: readonly string[];
}

const LONG_MAX = '9223372036854775807';

/**
 * Kafka 4.3's topic configs and defaults. Enforced: `max.message.bytes`, `message.timestamp.type`. The others are kept and
 * described: this broker neither compacts nor expires.
 */
const TOPIC_CONFIGS: Readonly<Record<string, TopicConfig>> = {
  'cleanup.policy': { type: 'list', value: 'delete', allowed: ['compact', 'delete'] },
  'compression.gzip.level': { type: 'int', value: '-1' },
  'compression.lz4.level': { type: 'int', value: '9' },
  'compression.type': { type: 'string', value: 'producer', allowed: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'] },
  'compression.zstd.level': { type: 'int', value: '3' },
  'delete.retention.ms': { type: 'long', value: '86400000' },
  'file.delete.delay.ms': { type: 'long', value: '60000' },
  'flush.messages': { type: 'long', value: LONG_MAX },
  'flush.ms': { type: 'long', value: LONG_MAX },
  'follower.replication.throttled.replicas': { type: 'list', value: '' },
  'index.interval.bytes': { type: 'int', value: '4096' },
  'leader.replication.throttled.replicas': { type: 'list', value: '' },
  'local.retention.bytes': { type: 'long', value: '-2' },
  'local.retention.ms': { type: 'long', value: '-2' },
  'max.compaction.lag.ms': { type: 'long', value: LONG_MAX },
  'max.message.bytes': { type: 'int', value: '1048588' },
  'message.timestamp.after.max.ms': { type: 'long', value: '3600000' },
  'message.timestamp.before.max.ms': { type: 'long', value: LONG_MAX },
  'message.timestamp.type': { type: 'string', value: 'CreateTime', allowed: ['CreateTime', 'LogAppendTime'] },
  'min.cleanable.dirty.ratio': { type: 'double', value: '0.5' },
  'min.compaction.lag.ms': { type: 'long', value: '0' },
  'min.insync.replicas': { type: 'int', value: '1' },
  preallocate: { type: 'boolean', value: 'false', allowed: ['true', 'false'] },
  'remote.log.copy.disable': { type: 'boolean', value: 'false', allowed: ['true', 'false'] },
  'remote.log.delete.on.disable': { type: 'boolean', value: 'false', allowed: ['true', 'false'] },
  'remote.storage.enable': { type: 'boolean', value: 'false', allowed: ['true', 'false'] },
  'retention.bytes': { type: 'long', value: '-1' },
  'retention.ms': { type: 'long', value: '604800000' },
  'segment.bytes': { type: 'int', value: '1073741824' },
  'segment.index.bytes': { type: 'int', value: '10485760' },
  'segment.jitter.ms': { type: 'long', value: '0' },
  'segment.ms': { type: 'long', value: '604800000' },
  'unclean.leader.election.enable': { type: 'boolean', value: 'false', allowed: ['true', 'false'] },
};

/** Numbers of the types in DescribeConfigs. */
const TYPE_CODES: Readonly<Record<ConfigType, number>> = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 };

/** `source` of a described config. */
export const ConfigSource = { TOPIC: 1, DEFAULT: 5 } as const;

/** One line of DescribeConfigs. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly source: number;
  readonly type: number;
}

/** Every config of a topic, its own ones over the defaults. */
export function describeTopicConfigs(own: ReadonlyMap<string, string>): DescribedConfig[] {
  return Object.entries(TOPIC_CONFIGS).map(([name, { type, value }]) => ({
    name,
    value: own.get(name) ?? value,
    source: own.has(name) ? ConfigSource.TOPIC : ConfigSource.DEFAULT,
    type: TYPE_CODES[type],
  }));
}

/** A topic's own value or the default. */
export function topicConfig(own: ReadonlyMap<string, string>, name: string): string {
  return own.get(name) ?? TOPIC_CONFIGS[name]?.value ?? '';
}

/** True for configs with several values, which AlterConfigs may append to and subtract from. */
export function isListConfig(name: string): boolean {
  return TOPIC_CONFIGS[name]?.type === 'list';
}

/** @throws {BrokerError} INVALID_CONFIG with Kafka's text */
export function checkTopicConfig(name: string, value: string | null): string {
  const config = TOPIC_CONFIGS[name];
  if (config === undefined) throw new BrokerError(ErrorCode.INVALID_CONFIG, `Unknown topic config name: ${name}`);
  if (value === null) throw new BrokerError(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${name}`);
  const invalid = (why: string) => new BrokerError(ErrorCode.INVALID_CONFIG, `Invalid value ${value} for configuration ${name}: ${why}`);
  if ((config.type === 'int' || config.type === 'long') && !/^\s*[+-]?\d+\s*$/.test(value)) {
    throw invalid(`Not a number of type ${config.type.toUpperCase()}`);
  }
  if (config.type === 'double' && !Number.isFinite(Number(value))) throw invalid('Not a number of type DOUBLE');
  if (name === 'max.message.bytes' && Number(value) < 0) throw invalid('Value must be at least 0');
  const values = config.type === 'list' ? value.split(',').map((each) => each.trim()) : [value];
  for (const each of values) {
    if (config.allowed !== undefined && !config.allowed.includes(each)) {
      throw invalid(`String must be one of: ${config.allowed.join(', ')}`);
    }
  }
  return value;
}
