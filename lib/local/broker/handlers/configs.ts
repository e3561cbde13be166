import { type BrokerState, NODE_ID } from '../broker-state.ts';
import { ConfigSource, checkTopicConfig, type DescribedConfig, describeTopicConfigs, isListConfig, topicConfig } from '../topic-configs.ts';
import type { Topic } from '../topics.ts';
import { alterConfigsApi, describeConfigsApi, incrementalAlterConfigsApi } from '../wire/admin-apis.ts';
import { BrokerError, codeOf, ErrorCode } from '../wire/error-code.ts';
import { type Handler, handler } from './handler.ts';

const TOPIC = 2;
const BROKER = 4;

const Operation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs for topics; the broker's own configs can be read. */
export function configHandlers(state: BrokerState): Handler[] {
  return [
    handler(describeConfigsApi, ({ resources, includeSynonyms }) => ({
      throttleTimeMs: 0,
      resources: resources.map(({ type, name, keys }) => {
        try {
          const all = describe(state, type, name);
          const configs = all.filter((config) => keys === null || keys.includes(config.name));
          return {
            errorCode: ErrorCode.NONE,
            errorMessage: null,
            type,
            name,
            configs: configs.map((config) => ({
              ...config,
              readOnly: type === BROKER,
              sensitive: false,
              synonyms: includeSynonyms ? [{ name: config.name, value: config.value, source: config.source }] : [],
              documentation: null,
            })),
          };
        } catch (error) {
          return { errorCode: codeOf(error), errorMessage: (error as Error).message, type, name, configs: [] };
        }
      }),
    })),
    handler(alterConfigsApi, ({ resources, validateOnly }) =>
      altered(resources, ({ type, name, configs }) => {
        const topic = topicOf(state, type, name);
        const next = new Map(configs.map((config) => [config.name, checkTopicConfig(config.name, config.value)]));
        if (!validateOnly) state.topics.setConfigs(topic.name, next);
      }),
    ),
    handler(incrementalAlterConfigsApi, ({ resources, validateOnly }) =>
      altered(resources, ({ type, name, configs }) => {
        const topic = topicOf(state, type, name);
        const next = new Map(topic.configs);
        for (const config of configs) change(next, config);
        if (!validateOnly) state.topics.setConfigs(topic.name, next);
      }),
    ),
  ];
}

function altered<T extends { readonly type: number; readonly name: string }>(resources: readonly T[], alter: (resource: T) => void) {
  return {
    throttleTimeMs: 0,
    resources: resources.map((resource) => {
      const { type, name } = resource;
      try {
        alter(resource);
        return { errorCode: ErrorCode.NONE, errorMessage: null, type, name };
      } catch (error) {
        return { errorCode: codeOf(error), errorMessage: (error as Error).message, type, name };
      }
    }),
  };
}

function change(configs: Map<string, string>, { name, operation, value }: { name: string; operation: number; value: string | null }): void {
  if (operation === Operation.DELETE) {
    checkTopicConfig(name, topicConfig(configs, name));
    configs.delete(name);
    return;
  }
  if (operation === Operation.SET) {
    configs.set(name, checkTopicConfig(name, value));
    return;
  }
  if (!isListConfig(name)) {
    throw new BrokerError(ErrorCode.INVALID_CONFIG, `Can't APPEND to key ${name} because its type is not LIST.`);
  }
  const before = topicConfig(configs, name).split(',').filter(Boolean);
  const given = (value ?? '').split(',');
  const after = operation === Operation.APPEND ? new Set([...before, ...given]) : before.filter((each) => !given.includes(each));
  configs.set(name, checkTopicConfig(name, [...after].join(',')));
}

function describe(state: BrokerState, type: number, name: string): DescribedConfig[] {
  if (type === TOPIC) return describeTopicConfigs(topicOf(state, type, name).configs);
  if (type !== BROKER || (name !== '' && name !== String(NODE_ID))) {
    throw new BrokerError(ErrorCode.INVALID_REQUEST, `this broker is ${NODE_ID}; it describes topics and itself, not resource '${name}'`);
  }
  const { autoCreateTopics, defaultPartitions, minSessionTimeoutMs } = state.settings;
  return Object.entries({
    'auto.create.topics.enable': autoCreateTopics,
    'default.replication.factor': 1,
    'delete.topic.enable': true,
    'group.min.session.timeout.ms': minSessionTimeoutMs,
    'message.max.bytes': 1_048_588,
    'num.partitions': defaultPartitions,
    'transaction.max.timeout.ms': 900_000,
  }).map(([key, value]) => ({ name: key, value: String(value), source: ConfigSource.DEFAULT, type: typeof value === 'boolean' ? 1 : 3 }));
}

function topicOf(state: BrokerState, type: number, name: string): Topic {
  if (type !== TOPIC) throw new BrokerError(ErrorCode.INVALID_REQUEST, 'this broker alters configs of topics only');
  const topic = state.topics.get(name);
  if (topic === undefined) throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
  return topic;
}
