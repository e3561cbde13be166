/** Classes of Confluent's connector that a configuration names, and what they stand for here. */

export type FormatName = 'avro' | 'json' | 'bytes' | 'parquet';

export const AVRO_FORMAT = 'io.confluent.connect.s3.format.avro.AvroFormat';
export const JSON_FORMAT = 'io.confluent.connect.s3.format.json.JsonFormat';
export const BYTES_FORMAT = 'io.confluent.connect.s3.format.bytearray.ByteArrayFormat';
export const PARQUET_FORMAT = 'io.confluent.connect.s3.format.parquet.ParquetFormat';

/** Of the source alone. */
export const STRING_FORMAT = 'io.confluent.connect.s3.format.string.StringFormat';

export const FORMATS: Readonly<Record<string, FormatName>> = {
  [AVRO_FORMAT]: 'avro',
  [JSON_FORMAT]: 'json',
  [BYTES_FORMAT]: 'bytes',
  [PARQUET_FORMAT]: 'parquet',
};

export const STORAGE_CLASS_NAME = 'io.confluent.connect.s3.storage.S3Storage';

export type PartitionerName = 'default' | 'field' | 'time' | 'hourly' | 'daily';

const PARTITIONER_PACKAGE = 'io.confluent.connect.storage.partitioner';
export const DEFAULT_PARTITIONER = `${PARTITIONER_PACKAGE}.DefaultPartitioner`;
export const FIELD_PARTITIONER = `${PARTITIONER_PACKAGE}.FieldPartitioner`;

export const PARTITIONERS: Readonly<Record<string, PartitionerName>> = {
  [DEFAULT_PARTITIONER]: 'default',
  [`${PARTITIONER_PACKAGE}.HourlyPartitioner`]: 'hourly',
  [`${PARTITIONER_PACKAGE}.DailyPartitioner`]: 'daily',
  [`${PARTITIONER_PACKAGE}.TimeBasedPartitioner`]: 'time',
  [FIELD_PARTITIONER]: 'field',
};

export type ExtractorName = 'Wallclock' | 'Record' | 'RecordField';

/** The class behind a short name of `timestamp.extractor`. */
export function extractorClass(name: string): string {
  return /^(Wallclock|Record|RecordField)$/.test(name) ? `${PARTITIONER_PACKAGE}.TimeBasedPartitioner$${name}TimestampExtractor` : name;
}

/** null = no class of these. */
export function extractorOf(name: string): ExtractorName | null {
  const match =
    /^io\.confluent\.connect\.storage\.partitioner\.TimeBasedPartitioner\$(Wallclock|RecordField|Record)TimestampExtractor$/.exec(
      extractorClass(name),
    );
  return match === null ? null : (match[1] as ExtractorName);
}
