import type { ConfigDef } from '../../../core/config/config-def.ts';
import { Range, ValidString } from '../../../core/config/validators.ts';
import { AVRO_FORMAT, FORMATS, PARQUET_FORMAT } from '../class-names.ts';
import { recommended, recommendedWhile, valueOneOf } from './validators.ts';

const GROUP = 'Connector';

/** Codecs of Parquet, in the order in which Confluent's message lists them. */
const PARQUET_CODECS = ['none', 'gzip', 'snappy', 'lz4', 'brotli', 'lz4_raw', 'zstd', 'lzo'];
const AVRO_CODECS = ['null', 'deflate', 'snappy', 'bzip2'];
const COMPATIBILITIES = ['NONE', 'BACKWARD', 'FORWARD', 'FULL'];

/** What every storage sink of Confluent has: format, rotation, schemas. */
export function defineConnector(def: ConfigDef): ConfigDef {
  let order = 0;
  const place = () => ({ group: GROUP, orderInGroup: ++order });
  return def
    .define({
      name: 'format.class',
      type: 'CLASS',
      importance: 'HIGH',
      doc: 'The format of the objects: AvroFormat, JsonFormat, ByteArrayFormat or ParquetFormat.',
      ...place(),
      width: 'NONE',
      displayName: 'Format class',
      recommender: recommended(...Object.keys(FORMATS)),
      knowsClass: (name) => name in FORMATS,
    })
    .define({
      name: 'flush.size',
      type: 'INT',
      importance: 'HIGH',
      doc: 'After so many records of a topic partition its open objects are completed.',
      ...place(),
      width: 'LONG',
      displayName: 'Flush Size',
    })
    .define({
      name: 'rotate.interval.ms',
      type: 'LONG',
      default: -1,
      importance: 'HIGH',
      doc: 'Completes the open objects once a record lies so long after the first of them, by the time that timestamp.extractor finds; needs a partitioner by time. -1: never.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Rotate Interval (ms)',
    })
    .define({
      name: 'rotate.schedule.interval.ms',
      type: 'LONG',
      default: -1,
      importance: 'MEDIUM',
      doc: 'Completes the open objects at each multiple of this time, by the wall clock, counted from the start of the day in timezone. A repeated run may cut objects elsewhere. -1: never.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Rotate Schedule Interval (ms)',
    })
    .define({
      name: 'schemas.cache.config',
      type: 'INT',
      default: 1000,
      importance: 'LOW',
      doc: 'How many translated schemas are remembered.',
      ...place(),
      width: 'LONG',
      displayName: 'Schema Cache Size',
    })
    .define({
      name: 'enhanced.avro.schema.support',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether Avro keeps the symbols of enumerations and the packages of names.',
      ...place(),
      width: 'SHORT',
      displayName: 'Enhanced Avro Support',
    })
    .define({
      name: 'connect.meta.data',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether Avro schemas carry what Connect knows beyond Avro: names, versions, parameters.',
      ...place(),
      width: 'SHORT',
      displayName: 'Connect Metadata',
    })
    .define({
      name: 'retry.backoff.ms',
      type: 'LONG',
      default: 5000,
      importance: 'LOW',
      doc: 'How long to wait before records are written again after an outage.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Retry Backoff (ms)',
    })
    .define({
      name: 'filename.offset.zero.pad.width',
      type: 'INT',
      default: 10,
      validator: Range.atLeast(0),
      importance: 'LOW',
      doc: 'Digits of the offset in the name of an object, filled with zeros.',
      ...place(),
      width: 'LONG',
      displayName: 'Filename Offset Zero Pad Width',
    })
    .define({
      name: 'avro.codec',
      type: 'STRING',
      default: 'null',
      validator: ValidString.in(...AVRO_CODECS),
      importance: 'LOW',
      doc: 'Compression of Avro blocks.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Avro Compression Codec',
      recommender: recommendedWhile('format.class', AVRO_FORMAT, AVRO_CODECS),
    })
    .define({
      name: 'allow.optional.map.keys',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Whether maps whose keys are optional texts may be Avro maps.',
      ...place(),
      width: 'SHORT',
      displayName: 'Allow optional map keys',
    })
    .define({
      name: 'schema.compatibility',
      type: 'STRING',
      default: 'NONE',
      importance: 'HIGH',
      doc: 'What happens when the schema of the values changes: NONE begins new objects at each change; BACKWARD, FORWARD and FULL translate records into the current schema where they can.',
      group: 'Schema',
      orderInGroup: 1,
      width: 'SHORT',
      displayName: 'Schema Compatibility',
      recommender: recommended(...COMPATIBILITIES),
    })
    .define({
      name: 'parquet.codec',
      type: 'STRING',
      default: 'snappy',
      validator: valueOneOf(PARQUET_CODECS),
      importance: 'LOW',
      doc: 'Compression of Parquet pages: none, gzip, snappy, zstd, lz4_raw, brotli. lz4 and lzo cannot be written here.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Parquet Compression Codec',
      recommender: recommendedWhile('format.class', PARQUET_FORMAT, PARQUET_CODECS),
    });
}
