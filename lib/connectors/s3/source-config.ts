import { ConfigDef } from '../../core/config/config-def.ts';
import { CaseInsensitiveValidString, Range } from '../../core/config/validators.ts';
import { AVRO_FORMAT, BYTES_FORMAT, DEFAULT_PARTITIONER, JSON_FORMAT, PARQUET_FORMAT, PARTITIONERS, STRING_FORMAT } from './class-names.ts';
import { CREDENTIALS_PROVIDERS, DEFAULT_PROVIDER } from './credentials.ts';
import { RegexText, TopicRegexes } from './keys/source-validators.ts';
import { recommended } from './keys/validators.ts';

const SIDE_FORMATS = [AVRO_FORMAT, JSON_FORMAT, BYTES_FORMAT, PARQUET_FORMAT];
const SOURCE_FORMATS = [...SIDE_FORMATS, STRING_FORMAT];

/** Keys of the source, with Confluent's names and defaults. */
export const sourceConfigDef = defineErrors(defineReading(defineFolders(defineBucket(new ConfigDef()))));

function defineBucket(def: ConfigDef): ConfigDef {
  return def
    .define({ name: 's3.bucket.name', type: 'STRING', importance: 'HIGH', doc: 'The bucket.', group: 'S3' })
    .define({ name: 's3.region', type: 'STRING', default: 'us-west-2', importance: 'MEDIUM', doc: 'Region of the bucket.', group: 'S3' })
    .define({
      name: 'store.url',
      type: 'STRING',
      default: null,
      importance: 'HIGH',
      doc: 'Another endpoint than that of AWS.',
      group: 'S3',
    })
    .define({
      name: 's3.credentials.provider.class',
      type: 'CLASS',
      default: DEFAULT_PROVIDER,
      importance: 'LOW',
      doc: 'Where credentials come from when aws.access.key.id is not set; keys of the provider follow the prefix s3.credentials.provider.',
      group: 'S3',
      knowsClass: (name) => CREDENTIALS_PROVIDERS.includes(name),
    })
    .define({
      name: 'aws.access.key.id',
      type: 'STRING',
      default: '',
      importance: 'MEDIUM',
      doc: 'Access key, with aws.secret.access.key; empty: those of the environment, which in a function are those of its role.',
      group: 'S3',
    })
    .define({
      name: 'aws.secret.access.key',
      type: 'PASSWORD',
      default: null,
      importance: 'MEDIUM',
      doc: 'Secret of aws.access.key.id.',
      group: 'S3',
    })
    .define({
      name: 's3.part.retries',
      type: 'INT',
      default: 3,
      validator: Range.atLeast(0),
      importance: 'MEDIUM',
      doc: 'How often a request is sent before it counts as failed.',
      group: 'S3',
    })
    .define({
      name: 's3.retry.backoff.ms',
      type: 'LONG',
      default: 200,
      validator: Range.atLeast(0),
      importance: 'LOW',
      doc: 'Longest wait before a request is sent a second time; doubles each time.',
      group: 'S3',
    })
    .define({
      name: 's3.wan.mode',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: 'Uses S3 Transfer Acceleration.',
      group: 'S3',
    })
    .define({
      name: 's3.path.style.access.enabled',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether the bucket stands in the path, or in the name of the host.',
      group: 'S3',
    })
    .define({ name: 's3.proxy.url', type: 'STRING', default: '', importance: 'LOW', doc: 'Proxy; cannot be used here.', group: 'S3' })
    .define({
      name: 's3.poll.interval.ms',
      type: 'LONG',
      default: 60_000,
      validator: Range.atLeast(1),
      importance: 'MEDIUM',
      doc: 'How long to wait after everything was read before the bucket is listed again.',
      group: 'S3',
    });
}

function defineFolders(def: ConfigDef): ConfigDef {
  return def
    .define({
      name: 'mode',
      type: 'STRING',
      default: 'RESTORE_BACKUP',
      validator: CaseInsensitiveValidString.in('RESTORE_BACKUP', 'GENERIC'),
      importance: 'HIGH',
      doc: 'RESTORE_BACKUP reads what the S3 sink wrote back into the same topics and partitions; GENERIC reads any objects into the topics of topic.regex.list.',
      group: 'Storage',
      recommender: recommended('RESTORE_BACKUP', 'GENERIC'),
    })
    .define({
      name: 'topics.dir',
      type: 'STRING',
      default: 'topics',
      importance: 'HIGH',
      doc: 'What the keys of all objects begin with; empty: the whole bucket.',
      group: 'Storage',
    })
    .define({
      name: 'directory.delim',
      type: 'STRING',
      default: '/',
      importance: 'MEDIUM',
      doc: 'What stands between folders.',
      group: 'Storage',
    })
    .define({
      name: 'topic.regex.list',
      type: 'LIST',
      default: '',
      validator: TopicRegexes,
      importance: 'HIGH',
      doc: 'With mode=GENERIC: topic:regex pairs. An object goes to the topic of the first regex that matches its whole key; objects that match none are left alone.',
      group: 'Storage',
    })
    .define({
      name: 'folders',
      type: 'LIST',
      default: '',
      importance: 'LOW',
      doc: 'Read only below these prefixes of keys. Empty: everything below topics.dir.',
      group: 'Storage',
    })
    .define({
      name: 'filename.regex',
      type: 'STRING',
      default: '(.+)\\+(\\d+)\\+.+$',
      validator: RegexText,
      importance: 'LOW',
      doc: 'With mode=RESTORE_BACKUP: what the name of an object looks like; its groups are topic and partition.',
      group: 'Storage',
    })
    .define({
      name: 'file.discovery.starting.timestamp',
      type: 'LONG',
      default: 0,
      validator: Range.atLeast(0),
      importance: 'MEDIUM',
      doc: 'Objects last modified before this time (ms since 1970) are left alone.',
      group: 'Storage',
    })
    .define({
      name: 'partitioner.class',
      type: 'CLASS',
      default: DEFAULT_PARTITIONER,
      importance: 'HIGH',
      doc: 'The partitioner of the sink. Accepted for configurations that are used elsewhere too: folders are found whatever the partitioner was.',
      group: 'Partitioner',
      recommender: recommended(...Object.keys(PARTITIONERS)),
      knowsClass: (name) => name in PARTITIONERS,
    })
    .define({
      name: 'partition.field.name',
      type: 'LIST',
      default: '',
      importance: 'MEDIUM',
      doc: 'Fields of the FieldPartitioner of the sink; not needed here.',
      group: 'Partitioner',
    })
    .define({
      name: 'path.format',
      type: 'STRING',
      default: '',
      importance: 'MEDIUM',
      doc: 'Pattern of the TimeBasedPartitioner of the sink; not needed here.',
      group: 'Partitioner',
    });
}

function defineReading(def: ConfigDef): ConfigDef {
  return def
    .define({
      name: 'format.class',
      type: 'CLASS',
      importance: 'HIGH',
      doc: 'The format of the objects: AvroFormat, JsonFormat, ParquetFormat, ByteArrayFormat or StringFormat.',
      group: 'Connector',
      recommender: recommended(...SOURCE_FORMATS),
      knowsClass: (name) => SOURCE_FORMATS.includes(name),
    })
    .define({
      name: 'record.batch.max.size',
      type: 'INT',
      default: 200,
      validator: Range.atLeast(1),
      importance: 'MEDIUM',
      doc: 'How many records are handed on at once, at most.',
      group: 'Connector',
    })
    .define({
      name: 'task.batch.size',
      type: 'INT',
      default: 10,
      validator: Range.atLeast(1),
      importance: 'LOW',
      doc: 'How many objects a task of Confluent’s connector is given at once; changes nothing here, for tasks divide the objects by their keys.',
      group: 'Connector',
    })
    .define({
      name: 'schema.cache.size',
      type: 'INT',
      default: 50,
      validator: Range.atLeast(1),
      importance: 'LOW',
      doc: 'How many schemas are remembered.',
      group: 'Connector',
    })
    .define({
      name: 'format.bytearray.extension',
      type: 'STRING',
      default: '.bin',
      importance: 'LOW',
      doc: 'Extension of objects of ByteArrayFormat.',
      group: 'Connector',
    })
    .define({
      name: 'format.bytearray.separator',
      type: 'STRING',
      default: null,
      importance: 'LOW',
      doc: 'What stands after each record of ByteArrayFormat, blanks included; a line feed when not set.',
      group: 'Connector',
    })
    .define({
      name: 'store.kafka.keys',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'With mode=RESTORE_BACKUP: whether keys are restored, from the objects that the sink wrote beside the values with the same key.',
      group: 'Connector',
    })
    .define({
      name: 'store.kafka.headers',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'With mode=RESTORE_BACKUP: whether headers are restored, from the objects that the sink wrote beside the values with the same key.',
      group: 'Connector',
    })
    .define({
      name: 'keys.format.class',
      type: 'CLASS',
      default: AVRO_FORMAT,
      importance: 'LOW',
      doc: 'Format of the keys.',
      group: 'Connector',
      recommender: recommended(...SIDE_FORMATS),
      knowsClass: (name) => SIDE_FORMATS.includes(name),
    })
    .define({
      name: 'headers.format.class',
      type: 'CLASS',
      default: AVRO_FORMAT,
      importance: 'LOW',
      doc: 'Format of the headers.',
      group: 'Connector',
      recommender: recommended(AVRO_FORMAT, JSON_FORMAT, PARQUET_FORMAT),
      knowsClass: (name) => name !== BYTES_FORMAT && SIDE_FORMATS.includes(name),
    });
}

function defineErrors(def: ConfigDef): ConfigDef {
  return def
    .define({
      name: 'behavior.on.error',
      type: 'STRING',
      default: 'fail',
      validator: CaseInsensitiveValidString.in('fail', 'ignore', 'log'),
      importance: 'MEDIUM',
      doc: 'What happens to data that cannot be read: fail ends the task, log passes over it with a warning, ignore without.',
      group: 'Errors',
    })
    .define({
      name: 'parse.error.topic.prefix',
      type: 'STRING',
      default: '',
      importance: 'LOW',
      doc: 'With behavior.on.error ignore or log: data that cannot be read goes to the topic of this prefix, a hyphen and the name of the connector. Empty: nowhere.',
      group: 'Errors',
    });
}
