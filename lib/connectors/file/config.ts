import { ConfigDef } from '../../core/config/config-def.ts';
import { NonEmptyString } from '../../core/config/validators.ts';

export const FILE = 'file';
export const TOPIC = 'topic';
export const BATCH_SIZE = 'batch.size';

/** Keys of FileStreamSource, as Apache's. */
export const fileSourceConfigDef = new ConfigDef()
  .define({
    name: FILE,
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'Source filename. If not specified, the standard input will be used',
  })
  .define({ name: TOPIC, type: 'STRING', validator: NonEmptyString, importance: 'HIGH', doc: 'The topic to publish data to' })
  .define({
    name: BATCH_SIZE,
    type: 'INT',
    default: 2000,
    importance: 'LOW',
    doc: 'The maximum number of records the source task can read from the file each time it is polled',
  });

/** Keys of FileStreamSink, as Apache's. */
export const fileSinkConfigDef = new ConfigDef().define({
  name: FILE,
  type: 'STRING',
  default: null,
  importance: 'HIGH',
  doc: 'Destination filename. If not specified, the standard output will be used',
});
