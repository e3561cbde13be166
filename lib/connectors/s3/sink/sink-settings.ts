import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { ConnectorProps } from '../../../core/connector.ts';
import { ConfigException } from '../../../core/errors.ts';
import { FORMATS, type FormatName, PARTITIONERS, type PartitionerName } from '../class-names.ts';
import type { ObjectEncryption } from '../client.ts';
import type { PartitionerInit } from '../partitioner/partitioner.ts';
import { sinkConfigDef } from '../sink-config.ts';
import { FLUSH_IDLE_MS } from '../sink-refusals.ts';

/** The sink's configuration as its parts need it. */
export interface SinkSettings {
  readonly parsed: ParsedConfig;
  readonly props: ConnectorProps;
  readonly bucket: string;
  readonly format: FormatName;
  /** null = keys are not stored. */
  readonly keysFormat: FormatName | null;
  readonly headersFormat: FormatName | null;
  readonly flushSize: number;
  /** −1 = never. */
  readonly rotateIntervalMs: number;
  readonly rotateScheduleIntervalMs: number;
  readonly rotateOnPartitionChange: boolean;
  /** −1 = never. */
  readonly flushIdleMs: number;
  readonly maxOpenFiles: number;
  readonly maxWriteDurationMs: number;
  readonly retryBackoffMs: number;
  readonly partRetries: number;
  readonly requestBackoffMs: number;
  readonly partSizeBytes: number;
  readonly bufferInitialBytes: number;
  readonly compression: 'none' | 'gzip';
  readonly compressionLevel: number;
  readonly topicsDir: string;
  readonly directoryDelim: string;
  readonly fileDelim: string;
  readonly offsetWidth: number;
  readonly nullValues: 'fail' | 'ignore' | 'write';
  readonly reportNullValues: boolean;
  readonly tombstoneFolder: string;
  readonly schemaAffix: 'SUFFIX' | 'PREFIX' | 'NONE';
  readonly schemaCompatibility: string;
  readonly partitioner: PartitionerName;
  readonly partitionerInit: PartitionerInit;
  readonly timezone: string;
  readonly tagging: boolean;
  readonly tagPairs: readonly string[];
  readonly ignoreTaggingErrors: boolean;
  readonly conditionalWrites: boolean;
  readonly scanLimit: number;
  readonly encryption: ObjectEncryption;
  readonly cannedAcl: string | null;
  readonly sendDigest: boolean;
}

/** Parses the configuration. Throws ConfigException at the first mistake, with Confluent's message. */
export function sinkSettings(props: ConnectorProps): SinkSettings {
  const parsed = sinkConfigDef.parse(props);
  const long = (name: string) => Number(parsed.getLong(name));
  const keysFormat = parsed.getBoolean('store.kafka.keys') ? formatOf(parsed, 'keys.format.class') : null;
  const headersFormat = parsed.getBoolean('store.kafka.headers') ? formatOf(parsed, 'headers.format.class') : null;
  const rotateScheduleIntervalMs = long('rotate.schedule.interval.ms');
  const timezone = parsed.getText('timezone');
  if (rotateScheduleIntervalMs > 0 && timezone === '') {
    throw new ConfigException('timezone configuration must be set when using rotate.schedule.interval.ms');
  }
  const directoryDelim = parsed.getText('directory.delim');
  return {
    parsed,
    props,
    bucket: parsed.getText('s3.bucket.name'),
    format: formatOf(parsed, 'format.class'),
    keysFormat,
    headersFormat,
    flushSize: parsed.getNumber('flush.size'),
    rotateIntervalMs: long('rotate.interval.ms'),
    rotateScheduleIntervalMs,
    rotateOnPartitionChange: parsed.getBoolean('rotate.file.on.partition.change'),
    flushIdleMs: Number(props[FLUSH_IDLE_MS] ?? -1),
    maxOpenFiles: parsed.getNumber('partitioner.max.open.files'),
    maxWriteDurationMs: long('max.write.duration.ms'),
    retryBackoffMs: long('retry.backoff.ms'),
    partRetries: parsed.getNumber('s3.part.retries'),
    requestBackoffMs: long('s3.retry.backoff.ms'),
    partSizeBytes: parsed.getNumber('s3.part.size'),
    bufferInitialBytes: parsed.getNumber('s3.elastic.buffer.init.capacity'),
    compression: parsed.getText('s3.compression.type') as 'none' | 'gzip',
    compressionLevel: parsed.getNumber('s3.compression.level'),
    topicsDir: parsed.getText('topics.dir'),
    directoryDelim,
    fileDelim: parsed.getText('file.delim'),
    offsetWidth: parsed.getNumber('filename.offset.zero.pad.width'),
    nullValues: parsed.getText('behavior.on.null.values').toLowerCase() as 'fail' | 'ignore' | 'write',
    reportNullValues: parsed.getBoolean('report.null.values.to.dlq'),
    tombstoneFolder: parsed.getText('tombstone.encoded.partition'),
    schemaAffix: parsed.getText('s3.schema.partition.affix.type') as 'SUFFIX' | 'PREFIX' | 'NONE',
    schemaCompatibility: parsed.getText('schema.compatibility'),
    partitioner: PARTITIONERS[parsed.getText('partitioner.class')]!,
    partitionerInit: {
      directoryDelim,
      fieldNames: parsed.getList('partition.field.name'),
      durationMs: long('partition.duration.ms'),
      pathFormat: parsed.getText('path.format'),
      locale: parsed.getText('locale'),
      timezone,
      timestampExtractor: parsed.getText('timestamp.extractor'),
      timestampField: parsed.getText('timestamp.field'),
    },
    timezone,
    tagging: parsed.getBoolean('s3.object.tagging'),
    tagPairs: parsed.getList('s3.object.tagging.key.value.pairs'),
    ignoreTaggingErrors: parsed.getText('s3.object.behavior.on.tagging.error').toLowerCase() === 'ignore',
    conditionalWrites:
      parsed.getBoolean('enable.conditional.writes') &&
      rotateScheduleIntervalMs !== -1 &&
      !parsed.getBoolean('store.kafka.headers') &&
      !parsed.getBoolean('store.kafka.keys'),
    scanLimit: parsed.getNumber('max.files.scan.limit'),
    encryption: encryptionOf(parsed),
    cannedAcl: parsed.getString('s3.acl.canned'),
    sendDigest: parsed.getBoolean('s3.send.digest'),
  };
}

function formatOf(parsed: ParsedConfig, name: string): FormatName {
  return FORMATS[parsed.getText(name)]!;
}

/** As Confluent combines its three keys: a customer's key only with AES256, a KMS key only with aws:kms. */
function encryptionOf(parsed: ParsedConfig): ObjectEncryption {
  const name = parsed.getText('s3.ssea.name');
  const customerKey = parsed.getPassword('s3.sse.customer.key')?.reveal().trim() ?? '';
  const kmsKeyId = parsed.getText('s3.sse.kms.key.id').trim();
  if (name === 'AES256') {
    return customerKey === '' ? { algorithm: name, kmsKeyId: null, customerKey: null } : { algorithm: null, kmsKeyId: null, customerKey };
  }
  if (name === 'aws:kms' && kmsKeyId !== '') return { algorithm: name, kmsKeyId, customerKey: null };
  return { algorithm: null, kmsKeyId: null, customerKey: null };
}
