import { ConfigDef } from '../core/config/config-def.ts';
import { javaToString } from '../core/data/java-text.ts';
import { DataException } from '../core/errors.ts';
import { JavaDateFormat } from '../core/java/date-format.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Transformation } from '../core/transformation.ts';
import type { TransformationExample } from './example.ts';
import { transformManifest } from './key-or-value.ts';

const TOPIC = `\${topic}`;
const TIMESTAMP = `\${timestamp}`;

const OVERVIEW =
  "Makes the topic depend on the record's timestamp, for instance one topic per day. In `topic.format`, `${topic}` is the topic and `${timestamp}` " +
  'the timestamp in UTC by `timestamp.format`. A record without timestamp is an error.';

const CONFIG = new ConfigDef()
  .define({
    name: 'topic.format',
    type: 'STRING',
    default: `${TOPIC}-${TIMESTAMP}`,
    importance: 'HIGH',
    doc: 'The new topic; `${topic}` and `${timestamp}` are replaced wherever they stand.',
  })
  .define({
    name: 'timestamp.format',
    type: 'STRING',
    default: 'yyyyMMdd',
    importance: 'HIGH',
    doc: 'Pattern of java.text.SimpleDateFormat for the timestamp, in UTC.',
  });

/** {@link OVERVIEW} */
export class TimestampRouter<R extends ConnectRecord = ConnectRecord> implements Transformation<R> {
  #topicFormat = '';
  #pattern = '';
  #format: JavaDateFormat | null = null;

  config(): ConfigDef {
    return CONFIG;
  }

  configure(config: Readonly<Record<string, string>>): void {
    const parsed = CONFIG.parse(config);
    this.#topicFormat = parsed.getText('topic.format');
    this.#pattern = parsed.getText('timestamp.format');
    this.#format = null;
  }

  apply(record: R): R {
    if (record.timestamp === null) throw new DataException(`Timestamp missing on record: ${describe(record)}`);
    // Connect too looks at the pattern only when the first record comes. Printing does not depend on the present.
    this.#format ??= new JavaDateFormat(this.#pattern, record.timestamp);
    const timestamp = this.#format.format(record.timestamp);
    const topic = this.#topicFormat.replaceAll(TOPIC, () => record.topic).replaceAll(TIMESTAMP, () => timestamp);
    return record.with({ topic });
  }
}

function describe(record: ConnectRecord): string {
  return `ConnectRecord{topic='${record.topic}', kafkaPartition=${record.kafkaPartition}, key=${javaToString(record.key, record.keySchema)}, timestamp=null}`;
}

export const timestampRouterExamples: readonly TransformationExample[] = [
  {
    summary: 'one topic per month',
    transformation: TimestampRouter,
    config: { 'topic.format': `${TOPIC}-${TIMESTAMP}`, 'timestamp.format': 'yyyyMM' },
    have: {},
    want: { topic: 'orders-202402' },
  },
];

export const timestampRouterManifest = transformManifest(
  { name: 'TimestampRouter', file: 'timestamp-router', overview: OVERVIEW, configDef: CONFIG },
  TimestampRouter,
);
