import { ConfigException } from '../core/errors.ts';
import { IllegalArgumentException } from '../core/java/exceptions.ts';
import type { ParsedSchema } from './parsed-schema.ts';
import { SerializationException } from './registry-errors.ts';
import type { SchemaRegistry } from './schema-registry.ts';

const PACKAGES = ['io.confluent.kafka.serializers.subject', 'io.confluent.kafka.serializers.subject.strategy'];

/** Names the subject under which the schema of a topic's keys or values is kept. */
export interface SubjectNameStrategy {
  /** Whether the name depends on the schema; reading then has to know the schema before the subject. */
  readonly usesSchema: boolean;
  subjectName(topic: string, isKey: boolean, schema: ParsedSchema | null): string | Promise<string>;
}

/** What strategies are configured with. */
export interface StrategySettings {
  /** Full class name, `key.` or `value.subject.name.strategy`. */
  readonly className: string;
  readonly configKey: string;
  /** `subject.name.strategy.fallback.type`; null = TOPIC. */
  readonly fallbackType: string | null;
  /** `subject.name.strategy.kafka.cluster.id` */
  readonly clusterId: string | null;
}

const topicName: SubjectNameStrategy = {
  usesSchema: false,
  subjectName: (topic, isKey) => `${topic}-${isKey ? 'key' : 'value'}`,
};

/** The class behind a name, without its package; null = no strategy that is known here. */
export function strategyKind(className: string): string | null {
  const dot = className.lastIndexOf('.');
  const kind = className.slice(dot + 1);
  if (dot !== -1 && !PACKAGES.includes(className.slice(0, dot))) return null;
  return ['TopicNameStrategy', 'RecordNameStrategy', 'TopicRecordNameStrategy', 'AssociatedNameStrategy'].includes(kind) ? kind : null;
}

/** The strategy of a class name. ConfigException for a class that is not known; IllegalArgumentException for a wrong fallback type. */
export function subjectNameStrategy(settings: StrategySettings, registry: SchemaRegistry): SubjectNameStrategy {
  switch (strategyKind(settings.className)) {
    case 'TopicNameStrategy':
      return topicName;
    case 'RecordNameStrategy':
      return recordName(settings, () => '');
    case 'TopicRecordNameStrategy':
      return recordName(settings, (topic) => `${topic}-`);
    case 'AssociatedNameStrategy':
      return associatedName(settings, registry);
    default:
      throw ConfigException.invalid(settings.configKey, settings.className, `Class ${settings.className} could not be found.`);
  }
}

function recordName({ className, configKey }: StrategySettings, prefix: (topic: string) => string): SubjectNameStrategy {
  return {
    usesSchema: true,
    subjectName(topic, isKey, schema) {
      if (schema === null) throw new SerializationException(`In configuration ${configKey} = ${className}, the message has no schema`);
      if (schema.recordName === null) {
        throw new SerializationException(
          `In configuration ${configKey} = ${className}, the message ${isKey ? 'key' : 'value'} must only be a record schema`,
        );
      }
      return `${prefix(topic)}${schema.recordName}`;
    },
  };
}

/** Asks the registry for an association of the topic once per topic, else falls back. */
function associatedName(settings: StrategySettings, registry: SchemaRegistry): SubjectNameStrategy {
  const fallback = fallbackOf(settings);
  const associated = new Map<string, string | null>();
  return {
    usesSchema: fallback?.usesSchema ?? false,
    async subjectName(topic, isKey, schema) {
      const known = associated.get(topic);
      const subject = known === undefined ? await registry.associatedSubject(topic, isKey, settings.clusterId) : known;
      associated.set(topic, subject);
      if (subject !== null) return subject;
      if (fallback === null) throw new SerializationException(`No associated subject found for topic ${topic}`);
      return fallback.subjectName(topic, isKey, schema);
    },
  };
}

function fallbackOf(settings: StrategySettings): SubjectNameStrategy | null {
  const named = (kind: string) => ({ ...settings, className: `${PACKAGES[0]}.${kind}` });
  const type = settings.fallbackType ?? 'TOPIC';
  switch (type.toUpperCase()) {
    case 'TOPIC':
      return topicName;
    case 'RECORD':
      return recordName(named('RecordNameStrategy'), () => '');
    case 'TOPIC_RECORD':
      return recordName(named('TopicRecordNameStrategy'), (topic) => `${topic}-`);
    case 'NONE':
      return null;
    default:
      throw new IllegalArgumentException(`Invalid value for subject.name.strategy.fallback.type: ${type}`);
  }
}
