import { ConfigDef, type ConfigKeyInit, type Validator } from '../core/config/config-def.ts';
import { Range, ValidList, ValidString, validator } from '../core/config/validators.ts';
import { ConfigException } from '../core/errors.ts';

const GROUP = 'Lambda';

/** A rule for a value that may be left out. */
function optional(inner: Validator) {
  return validator((name, value) => {
    if (value !== null) inner.ensureValid(name, value);
  }, inner.describe());
}

const schedule = validator((name, value) => {
  const text = value as string;
  const rate = /^rate\((\d+) (minute|minutes|hour|hours|day|days)\)$/.exec(text);
  if (rate !== null) {
    const one = rate[1] === '1';
    if (Number(rate[1]) > 0 && one !== (rate[2] as string).endsWith('s')) return;
    const unit = (rate[2] as string).replace(/s$/, '');
    throw ConfigException.invalid(name, text, `write rate(1 ${unit}) or rate(N ${unit}s) with N above 1`);
  }
  if (/^cron\(\S+ \S+ \S+ \S+ \S+ \S+\)$/.test(text)) return;
  throw ConfigException.invalid(
    name,
    text,
    'expected rate(N minutes|hours|days) or cron(minutes hours day-of-month month day-of-week year)',
  );
}, 'rate(…) or cron(…)');

const timeZone = validator((name, value) => {
  // The default is judged when the key is defined, and loading the time zones takes 10 ms of every cold start.
  if (value === 'UTC') return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value as string });
  } catch {
    throw ConfigException.invalid(name, value, 'expected a time zone of the IANA data base, e.g. UTC or Europe/Zurich');
  }
}, 'IANA time zone');

const arn = validator((name, value) => {
  if (value === null || /^arn:[^:]+:(sqs|sns|s3|lambda):|^kafka:\/\/\S+$/.test(value as string)) return;
  throw ConfigException.invalid(name, value, 'expected the ARN of an SQS queue, an SNS topic or an S3 bucket, or kafka://TOPIC');
}, 'ARN of a queue, topic or bucket, or kafka://TOPIC');

const time = validator((name, value) => {
  if (startTimeMs(value as string) !== null) return;
  throw ConfigException.invalid(name, value, 'expected a time like 2026-01-31T06:00:00Z, or milliseconds since 1970');
}, 'ISO time or milliseconds since 1970');

/** What a text of `lambda.start.timestamp` says, in ms since 1970; null = it is no time. */
export function startTimeMs(text: string): number | null {
  const ms = /^\d{10,}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  return Number.isSafeInteger(ms) ? ms : null;
}

const groupName = validator((name, value) => {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(value as string)) return;
  throw ConfigException.invalid(name, value, 'expected up to 128 letters, digits and dashes, a letter or digit first');
}, 'up to 128 letters, digits and dashes');

const registryUri = validator((name, value) => {
  if (/^https?:\/\/[^\s,]+$|^arn:[^:]+:glue:[^:]+:\d{12}:registry\/\S+$/.test(value as string)) return;
  throw ConfigException.invalid(name, value, 'expected the URL of a Confluent registry, or arn:aws:glue:REGION:ACCOUNT:registry/NAME');
}, 'URL, or ARN of a registry of Glue');

const secretArn = validator((name, value) => {
  if (/^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:\S+$/.test(value as string)) return;
  throw ConfigException.invalid(name, value, 'expected arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME');
}, 'ARN of a secret');

const filterPatterns = validator((name, value) => {
  if (value === null) return;
  try {
    const parsed: unknown = JSON.parse(value as string);
    if (typeof parsed === 'object' && parsed !== null) return;
  } catch {
    // said below
  }
  throw ConfigException.invalid(name, value, 'expected a filter pattern of Lambda as JSON, or a list of them');
}, 'JSON');

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const retention = validator(
  (name, value) => {
    if (!RETENTION_DAYS.includes(value as number))
      throw ConfigException.invalid(name, value, `CloudWatch knows ${RETENTION_DAYS.join(', ')}`);
  },
  `[${RETENTION_DAYS.join(', ')}]`,
);

const KEYS: readonly Omit<ConfigKeyInit, 'importance' | 'group' | 'orderInGroup'>[] = [
  {
    name: 'lambda.trigger',
    type: 'STRING',
    default: null,
    validator: optional(ValidString.in('schedule', 'event')),
    doc: 'What starts the function: schedule or event (S3 source: objects that are created). Default: schedule for a source; for a sink event if topics names topics and the connector holds no records back, else schedule.',
  },
  {
    name: 'lambda.schedule',
    type: 'STRING',
    default: 'rate(1 minute)',
    validator: schedule,
    doc: 'When a scheduled function runs: rate(…) or cron(…).',
  },
  {
    name: 'lambda.schedule.window.minutes',
    type: 'INT',
    default: 0,
    validator: Range.between(0, 1440),
    doc: 'The scheduler may start the function so many minutes late, to spread load.',
  },
  { name: 'lambda.schedule.timezone', type: 'STRING', default: 'UTC', validator: timeZone, doc: 'Time zone of a cron schedule.' },
  {
    name: 'lambda.memory.mb',
    type: 'INT',
    default: 512,
    validator: Range.between(128, 10_240),
    doc: 'Memory of the function in MB; processor time grows with it (one full core at 1769).',
  },
  {
    name: 'lambda.timeout.ms',
    type: 'INT',
    default: null,
    validator: optional(Range.between(1000, 900_000)),
    doc: 'Longest run of the function. Default: 900000, behind an event source mapping of Kafka 840000 (its maximum).',
  },
  {
    name: 'lambda.shutdown.buffer.ms',
    type: 'INT',
    default: 10_000,
    validator: Range.between(1000, 300_000),
    doc: 'Time kept back at the end of a run for flush, commit and release.',
  },
  {
    name: 'lambda.replan.ms',
    type: 'LONG',
    default: 300_000n,
    validator: Range.atLeast(0),
    doc: 'How often the connector is asked again for its task configurations.',
  },
  {
    name: 'lambda.lease.ms',
    type: 'INT',
    default: 30_000,
    validator: Range.between(5_000, 900_000),
    doc: 'How long a lease on a task lasts without renewal; it is renewed three times as often.',
  },
  {
    name: 'lambda.idle.ms',
    type: 'INT',
    default: 1000,
    validator: Range.atLeast(0),
    doc: 'A source that gave nothing for so long is caught up, where the plug-in does not say so itself.',
  },
  {
    name: 'lambda.handover.max',
    type: 'INT',
    default: 100,
    validator: Range.between(0, 10_000),
    doc: 'How often in a row a run may start the next one because work is left; then the next tick goes on.',
  },
  { name: 'lambda.batch.size', type: 'INT', default: 100, validator: Range.between(1, 10_000), doc: 'Most records of one event of Kafka.' },
  {
    name: 'lambda.batch.window.ms',
    type: 'INT',
    default: 500,
    validator: Range.between(0, 300_000),
    doc: 'How long Lambda gathers records for an event.',
  },
  {
    name: 'lambda.pollers.min',
    type: 'INT',
    default: null,
    validator: optional(Range.between(1, 200)),
    doc: 'Least provisioned pollers. Unset = pollers on demand, which cannot answer for part of a batch.',
  },
  {
    name: 'lambda.pollers.max',
    type: 'INT',
    default: null,
    validator: optional(Range.between(1, 2000)),
    doc: 'Most provisioned pollers. Unset = pollers on demand.',
  },
  {
    name: 'lambda.pollers.group',
    type: 'STRING',
    default: null,
    validator: optional(groupName),
    doc: 'Provisioned pollers: mappings of one group in one VPC share what they pay for.',
  },
  {
    name: 'lambda.schema.registry.url',
    type: 'STRING',
    default: null,
    validator: optional(registryUri),
    doc: 'Provisioned pollers: the registry by which Lambda checks records before it delivers them, and decodes them to JSON for a JsonConverter. A URL (Confluent), or the ARN of a registry of Glue.',
  },
  {
    name: 'lambda.schema.registry.attributes',
    type: 'LIST',
    default: ['VALUE'],
    validator: ValidList.in(['KEY', 'VALUE'], { allowEmpty: false }),
    doc: 'What of a record is checked and decoded: KEY, VALUE or both.',
  },
  {
    name: 'lambda.schema.registry.basic.auth',
    type: 'STRING',
    default: null,
    validator: optional(secretArn),
    doc: 'ARN of the secret with username and password for a Confluent registry.',
  },
  {
    name: 'lambda.schema.registry.certificate',
    type: 'STRING',
    default: null,
    validator: optional(secretArn),
    doc: 'ARN of the secret with certificate and privateKey for a Confluent registry that asks for a client certificate.',
  },
  {
    name: 'lambda.schema.registry.ca',
    type: 'STRING',
    default: null,
    validator: optional(secretArn),
    doc: 'ARN of the secret with the certificate of the authority, where a Confluent registry has a private one.',
  },
  {
    name: 'lambda.start.position',
    type: 'STRING',
    default: 'TRIM_HORIZON',
    validator: ValidString.in('TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'),
    doc: 'Where a new event source mapping begins to read.',
  },
  {
    name: 'lambda.start.timestamp',
    type: 'STRING',
    default: null,
    validator: optional(time),
    doc: 'Where a new event source mapping begins with lambda.start.position=AT_TIMESTAMP: 2026-01-31T06:00:00Z, or milliseconds since 1970.',
  },
  {
    name: 'lambda.group.topic',
    type: 'STRING',
    default: null,
    doc: 'Event sinks: the topic that is read as consumer group connect-NAME; each other topic has a group connect-NAME-TOPIC. Default: the only topic; of several none. An empty text = none.',
  },
  {
    name: 'lambda.filter',
    type: 'STRING',
    default: null,
    validator: filterPatterns,
    doc: 'Filter patterns of Lambda: other records are not delivered.',
  },
  {
    name: 'lambda.on.failure.destination',
    type: 'STRING',
    default: null,
    validator: arn,
    doc: 'Where Lambda sends batches that failed for good.',
  },
  {
    name: 'lambda.on.rewind',
    type: 'STRING',
    default: 'deliver',
    validator: ValidString.in('deliver', 'skip', 'fail'),
    doc: 'What happens to records below the watermark that are no redelivery (group reset, re-created topic).',
  },
  {
    name: 'lambda.retry.ms',
    type: 'INT',
    default: 60_000,
    validator: Range.atLeast(0),
    doc: 'How long a failing batch is tried again inside a run, where the mapping allows no partial answers.',
  },
  {
    name: 'lambda.failure.max',
    type: 'INT',
    default: 5,
    validator: Range.atLeast(1),
    doc: 'The same first offset failing so often as bad data sets the task FAILED.',
  },
  {
    name: 'lambda.failure.backoff.ms',
    type: 'LONG',
    default: 60_000n,
    validator: Range.atLeast(0),
    doc: 'Shortest wait before a failed task is tried again; it doubles.',
  },
  {
    name: 'lambda.failure.backoff.max.ms',
    type: 'LONG',
    default: 3_600_000n,
    validator: Range.atLeast(0),
    doc: 'Longest wait before a failed task is tried again.',
  },
  {
    name: 'lambda.min.records',
    type: 'LONG',
    default: 0n,
    validator: Range.atLeast(0),
    doc: 'Scheduled sinks: a partition with fewer records waiting is left for a later tick …',
  },
  {
    name: 'lambda.max.wait.ms',
    type: 'LONG',
    default: 0n,
    validator: Range.atLeast(0),
    doc: '… but no longer than this after its oldest uncommitted record.',
  },
  {
    name: 'lambda.reserved.concurrency',
    type: 'INT',
    default: null,
    validator: optional(Range.atLeast(1)),
    doc: 'Reserved concurrency of the function; a source needs at least its tasks and one.',
  },
  {
    name: 'lambda.state.shards',
    type: 'INT',
    default: 1,
    validator: Range.between(1, 100),
    doc: 'Over how many partition keys source offsets and watermarks are spread; changed only while STOPPED.',
  },
  {
    name: 'lambda.sequence.topic',
    type: 'STRING',
    default: null,
    doc: 'Exactly-once sources: the internal topic whose group offsets carry the transaction number.',
  },
  {
    name: 'lambda.on.removal',
    type: 'STRING',
    default: 'keep',
    validator: ValidString.in('keep', 'delete'),
    doc: 'What happens to the state when the connector leaves the pipeline file.',
  },
  {
    name: 'lambda.log.retention.days',
    type: 'INT',
    default: 14,
    validator: retention,
    doc: "How long the function's log is kept, in days.",
  },
  {
    name: 'lambda.jdbc.safe.reads',
    type: 'BOOLEAN',
    default: false,
    doc: 'JDBC source: whether rows of transactions that commit late are waited for; otherwise they are skipped, as by any poll of a growing column.',
  },
  {
    name: 'lambda.jdbc.safe.window.ms',
    type: 'LONG',
    default: 60_000n,
    validator: Range.atLeast(0),
    doc: 'JDBC source: how long transactions last at most, where the database does not tell which are open (a replica; MySQL without PROCESS).',
  },
  {
    name: 'lambda.jdbc.watermark.table',
    type: 'STRING',
    default: null,
    doc: 'JDBC sink: a table in the target database in which offsets are kept in the transactions of the data, so that each record is written once; created where it is missing. Unset: at least once.',
  },
  {
    name: 'lambda.s3.flush.idle.ms',
    type: 'LONG',
    default: -1n,
    doc: 'S3 sink: objects of a partition are completed so long after their last record, by its Kafka timestamp, so that a quiet topic does not wait for flush.size; -1: never.',
  },
  {
    name: 'lambda.s3.upload.max.ms',
    type: 'LONG',
    default: 3_600_000n,
    validator: Range.atLeast(0),
    doc: 'S3 source with mode=GENERIC: how long the upload of an object takes at most. Objects that were modified (for multipart uploads: begun) so long before the latest one that was read are taken as read.',
  },
  { name: 'lambda.tracing', type: 'BOOLEAN', default: false, doc: 'Whether runs are traced with X-Ray.' },
];

/**
 * Everything that concerns Lambda, as keys in a connector's configuration. A definition of its own, never part of a plug-in's: Kafka Connect does not
 * know these keys and ignores them, so the same file still runs there.
 */
export const LAMBDA_CONFIG_DEF: ConfigDef = KEYS.reduce(
  (def, key, i) => def.define({ ...key, importance: 'LOW', group: GROUP, orderInGroup: i + 1 }),
  new ConfigDef(),
);

/** How a connector is started, once defaults are settled. */
export function effectiveTrigger(
  kind: 'source' | 'sink',
  props: Readonly<Record<string, string>>,
  manifest: { readonly holdsRecords?: boolean; readonly triggers: readonly string[] },
): 'schedule' | 'event' {
  const configured = props['lambda.trigger']?.trim();
  if (configured === 'schedule' || configured === 'event') return configured;
  if (kind === 'source') return manifest.triggers.includes('schedule') ? 'schedule' : 'event';
  const namesTopics = (props.topics ?? '').trim() !== '';
  return namesTopics && manifest.holdsRecords !== true && manifest.triggers.includes('event') ? 'event' : 'schedule';
}
