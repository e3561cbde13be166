import { frameworkConfigDef, parseConnectorConfig } from '../../../lib/config/parse-connector.ts';
import { checkSinkCrossFields, sinkCrossFieldErrors } from '../../../lib/config/sink-connector-config.ts';
import { topicCreationGroups } from '../../../lib/config/topic-creation.ts';
import type { ConfigDef, ConfigType } from '../../../lib/core/config/config-def.ts';
import type { Password } from '../../../lib/core/config/password.ts';
import type { ConnectRecord } from '../../../lib/core/record.ts';
import { SYSTEM_CLOCK } from '../../../lib/core/system-clock.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { ProcessingContext } from '../../../lib/processing/processing-context.ts';
import { RetryWithToleranceOperator } from '../../../lib/processing/retry-with-tolerance.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { TransformationChain } from '../../../lib/processing/transformation-chain.ts';
import { createTransformations } from '../../../lib/runtime/record-path.ts';
import { type ConformanceCase, encodeError, inPhase } from '../format/case.ts';
import type { ValueJson } from '../format/codec.ts';
import { decodeRecord, encodeRecord, type RecordJson } from '../format/record-codec.ts';

type Props = Readonly<Record<string, string>>;

const RESOLVER = createPluginResolver(REGISTRY);
/** The topics that the recorded groups were asked about. */
const TOPICS = ['orders', 'orders-1', 'logs', 'logs-debug', ''];

export function run({ op, plugin, config = {}, input }: ConformanceCase): unknown {
  switch (op) {
    case 'apply':
      return apply(config, (input as { record: RecordJson }).record);
    case 'construct':
      inPhase('configure', () => connectorConfig(config));
      return { valid: true };
    case 'validate':
      return plugin?.endsWith('.SinkConnectorConfig') ? validateSink(config) : validate(config);
    default:
      return topicCreation(config);
  }
}

/** ConnectorConfig: neither the keys of sources nor those of sinks. */
function connectorConfig(props: Props) {
  return parseConnectorConfig('source', props, RESOLVER);
}

async function apply(props: Props, json: RecordJson): Promise<unknown> {
  const parsed = inPhase('configure', () => connectorConfig(props));
  const transformations = await inPhase('configure', () =>
    createTransformations<ConnectRecord>(parsed, { resolver: RESOLVER, clock: SYSTEM_CLOCK }),
  );
  const operator = new RetryWithToleranceOperator<ConnectRecord>({
    policy: {
      tolerance: parsed.getText('errors.tolerance') as 'none' | 'all',
      retryTimeoutMs: Number(parsed.getLong('errors.retry.timeout')),
      retryDelayMaxMs: Number(parsed.getLong('errors.retry.delay.max.ms')),
      outages: 'tolerated',
    },
    clock: SYSTEM_CLOCK,
    random: Math.random,
    metrics: new TaskErrorMetrics(),
    reporters: [],
  });
  const chain = new TransformationChain<ConnectRecord, ConnectRecord>(transformations, operator);
  const record = decodeRecord(json);
  const context = new ProcessingContext<ConnectRecord>(record);
  const output = await inPhase('apply', () => chain.apply(context, record));
  if (!context.failed) return { output: encodeRecord(output), failed: false };
  return {
    output: encodeRecord(output),
    failed: true,
    stage: context.stage,
    executingClass: context.executingClass,
    toleratedError: encodeError(context.error),
  };
}

function validate(props: Props): unknown {
  const plain = frameworkConfigDef('source', {}, RESOLVER, { full: false });
  const def = frameworkConfigDef('source', props, RESOLVER, { full: false });
  const errors = def.validate(props).filter((value) => value.errorMessages.length > 0);
  const ofSources = new Set(['Topic Creation', 'Exactly Once Support', 'offsets.topic']);
  return {
    errors: errors
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, value, errorMessages }) => ({ name, value: encodeConfigValue(value, def, name), errors: errorMessages })),
    keys: [...def.keys.keys()].filter((key) => !plain.keys.has(key)).sort(),
    groups: def.groups.filter((group) => !ofSources.has(group)),
  };
}

function validateSink(props: Props): unknown {
  let outcome: Record<string, unknown> = { valid: true };
  try {
    inPhase('configure', () => checkSinkCrossFields(props));
  } catch (error) {
    outcome = { error: encodeError(error) };
  }
  try {
    const byKey = new Map<string, { name: string; value: ValueJson; errors: string[] }>();
    for (const { key, value, message } of sinkCrossFieldErrors(props)) {
      const entry = byKey.get(key) ?? { name: key, value: value === null ? null : { string: value }, errors: [] };
      entry.errors.push(message);
      byKey.set(key, entry);
    }
    return { ...outcome, errorsByKey: [...byKey.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    return { ...outcome, validateError: encodeError(error) };
  }
}

function topicCreation(props: Props): unknown {
  const groups = inPhase('configure', () => topicCreationGroups(parseConnectorConfig('source', props, RESOLVER)));
  if (groups.length === 0) return { usesTopicCreation: false };
  return {
    usesTopicCreation: true,
    groups: groups.map((group) => ({
      name: group.name,
      matches: Object.fromEntries(TOPICS.map((topic) => [topic, group.matches(topic)])),
      newTopic: group.newTopic('orders'),
    })),
  };
}

const NUMBER_KINDS: Partial<Record<ConfigType, string>> = { INT: 'int32', SHORT: 'int16', DOUBLE: 'float64' };

function encodeConfigValue(value: unknown, def: ConfigDef, name: string): ValueJson {
  if (value === null || value === undefined) return null;
  const type = def.keys.get(name)?.type ?? 'STRING';
  const kind = NUMBER_KINDS[type];
  if (kind !== undefined) return { [kind]: value };
  if (type === 'LONG') return { int64: String(value) };
  if (type === 'BOOLEAN') return { boolean: value };
  if (type === 'LIST') return { array: (value as readonly string[]).map((element) => ({ string: element })) };
  if (type === 'CLASS') return { class: value };
  if (type === 'PASSWORD') return { password: (value as Password).reveal() };
  return { string: value };
}
