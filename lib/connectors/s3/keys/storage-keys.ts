import type { ConfigDef } from '../../../core/config/config-def.ts';
import { DEFAULT_PARTITIONER, FIELD_PARTITIONER, PARTITIONERS, STORAGE_CLASS_NAME } from '../class-names.ts';
import { FieldNames, recommended, TimezoneOrEmpty, visibleWhen } from './validators.ts';

/** Where in the bucket. */
export function defineStorage(def: ConfigDef): ConfigDef {
  let order = 0;
  const place = () => ({ group: 'Storage', orderInGroup: ++order });
  return def
    .define({
      name: 'storage.class',
      type: 'CLASS',
      importance: 'HIGH',
      doc: `Always ${STORAGE_CLASS_NAME}.`,
      ...place(),
      width: 'NONE',
      displayName: 'Storage Class',
      recommender: recommended(STORAGE_CLASS_NAME),
      knowsClass: (name) => name === STORAGE_CLASS_NAME,
    })
    .define({
      name: 'topics.dir',
      type: 'STRING',
      default: 'topics',
      importance: 'HIGH',
      doc: 'What the keys of all objects begin with.',
      ...place(),
      width: 'NONE',
      displayName: 'Topics directory',
    })
    .define({
      name: 'store.url',
      type: 'STRING',
      default: null,
      importance: 'HIGH',
      doc: 'Another endpoint than that of AWS.',
      ...place(),
      width: 'NONE',
      displayName: 'Store URL',
    })
    .define({
      name: 'directory.delim',
      type: 'STRING',
      default: '/',
      importance: 'MEDIUM',
      doc: 'What stands between folders.',
      ...place(),
      width: 'LONG',
      displayName: 'Directory Delimiter',
    })
    .define({
      name: 'file.delim',
      type: 'STRING',
      default: '+',
      importance: 'MEDIUM',
      doc: 'What stands between topic, partition and offset in the name of an object.',
      ...place(),
      width: 'LONG',
      displayName: 'File Delimiter',
    });
}

const DEPENDENTS = ['partition.field.name', 'partition.duration.ms', 'path.format', 'locale', 'timezone'];

/** Which of its keys a partitioner looks at. */
const dependsOnPartitioner = visibleWhen((name, parsed) => {
  switch (PARTITIONERS[String(parsed.get('partitioner.class'))]) {
    case 'field':
      return name === 'partition.field.name';
    case 'hourly':
    case 'daily':
      return name === 'locale' || name === 'timezone';
    case 'time':
      return name !== 'partition.field.name';
    default:
      return false;
  }
});

/** Into which folder a record goes. */
export function definePartitioner(def: ConfigDef): ConfigDef {
  let order = 0;
  const place = () => ({ group: 'Partitioner', orderInGroup: ++order });
  return def
    .define({
      name: 'partitioner.class',
      type: 'CLASS',
      default: DEFAULT_PARTITIONER,
      importance: 'HIGH',
      doc: `DefaultPartitioner (by Kafka partition), ${FIELD_PARTITIONER.split('.').pop()} (by fields of the value), TimeBasedPartitioner, DailyPartitioner or HourlyPartitioner.`,
      ...place(),
      width: 'LONG',
      displayName: 'Partitioner Class',
      dependents: DEPENDENTS,
      recommender: recommended(...Object.keys(PARTITIONERS)),
      knowsClass: (name) => name in PARTITIONERS,
    })
    .define({
      name: 'partition.field.name',
      type: 'LIST',
      default: '',
      validator: FieldNames,
      importance: 'MEDIUM',
      doc: 'Fields of the value by which FieldPartitioner divides; dots lead into nested ones.',
      ...place(),
      width: 'NONE',
      displayName: 'Partition Field Name',
      recommender: dependsOnPartitioner,
    })
    .define({
      name: 'partition.duration.ms',
      type: 'LONG',
      default: -1,
      importance: 'MEDIUM',
      doc: 'How much time a folder of TimeBasedPartitioner holds.',
      ...place(),
      width: 'LONG',
      displayName: 'Partition Duration (ms)',
      recommender: dependsOnPartitioner,
    })
    .define({
      name: 'path.format',
      type: 'STRING',
      default: '',
      importance: 'MEDIUM',
      doc: "Pattern of Joda-Time for the folders of TimeBasedPartitioner, e.g. 'year'=YYYY/'month'=MM/'day'=dd.",
      ...place(),
      width: 'LONG',
      displayName: 'Path Format',
      recommender: dependsOnPartitioner,
    })
    .define({
      name: 'locale',
      type: 'STRING',
      default: '',
      importance: 'MEDIUM',
      doc: 'Language of names of months and days; only a language alone, such as fr, has its own names.',
      ...place(),
      width: 'LONG',
      displayName: 'Locale',
      recommender: dependsOnPartitioner,
    })
    .define({
      name: 'timezone',
      type: 'STRING',
      default: '',
      validator: TimezoneOrEmpty,
      importance: 'MEDIUM',
      doc: 'Time zone of folders and of rotate.schedule.interval.ms: UTC, Europe/Paris, +02:00.',
      ...place(),
      width: 'LONG',
      displayName: 'Timezone',
      recommender: dependsOnPartitioner,
    })
    .define({
      name: 'timestamp.extractor',
      type: 'STRING',
      default: 'Wallclock',
      importance: 'MEDIUM',
      doc: 'Where the time of a record comes from: Wallclock, Record (its Kafka timestamp), RecordField (timestamp.field).',
      ...place(),
      width: 'LONG',
      displayName: 'Timestamp Extractor',
    })
    .define({
      name: 'timestamp.field',
      type: 'STRING',
      default: 'timestamp',
      importance: 'MEDIUM',
      doc: 'The field that RecordField reads: a number of milliseconds, a Timestamp, or a text of ISO 8601.',
      ...place(),
      width: 'LONG',
      displayName: 'Record Field for Timestamp Extractor',
    });
}
