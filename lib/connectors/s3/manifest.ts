import type { ConnectorManifest } from '../../core/manifest.ts';
import { sinkConfigDef } from './sink-config.ts';
import { sinkRefusals } from './sink-refusals.ts';
import { sourceConfigDef } from './source-config.ts';
import { sourceRefusals } from './source-refusals.ts';
import { VERSION } from './version.ts';

export const connectorManifests: readonly ConnectorManifest[] = [
  {
    kind: 'sink',
    className: 'io.confluent.connect.s3.S3SinkConnector',
    aliases: ['S3SinkConnector', 'S3Sink'],
    configDef: sinkConfigDef,
    overview:
      'Writes records as objects of S3 in JSON, Avro, Parquet or bytes, one folder per partition, field or span of time. Keys follow from offsets, ' +
      'so that a repeated run writes the same objects again.',
    version: VERSION,
    module: 'connectors/s3/sink/sink-connector.ts',
    exportName: 'S3SinkConnector',
    load: async () => (await import('./sink/sink-connector.ts')).S3SinkConnector,
    triggers: ['schedule'],
    holdsRecords: true,
    targets: ['s3.bucket.name', 's3.region', 'store.url'],
    permissions: [
      {
        actions: ['s3:ListBucket'],
        resourceFrom: ['s3.bucket.name'],
        why: 'looking whether the bucket is there, and whether an object is',
      },
      {
        actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:GetObject'],
        resourceFrom: ['s3.bucket.name', 'topics.dir'],
        why: 'writing objects below topics.dir of the bucket, giving uploads up, and looking whether an object is there',
      },
      {
        actions: ['s3:PutObjectTagging'],
        resourceFrom: ['s3.bucket.name', 'topics.dir'],
        onlyWhere: { 's3.object.tagging': ['true'] },
        why: 'tagging objects',
      },
      {
        actions: ['s3:PutObjectAcl'],
        resourceFrom: ['s3.bucket.name', 'topics.dir'],
        onlyWhere: { 's3.acl.canned': null },
        why: 'objects with a canned ACL',
      },
      {
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resourceFrom: ['s3.sse.kms.key.id'],
        why: 'encrypting with a key of AWS KMS, where one is configured: each part of an upload is decrypted when it is completed',
      },
    ],
    refusals: sinkRefusals,
  },
  {
    kind: 'source',
    className: 'io.confluent.connect.s3.source.S3SourceConnector',
    aliases: ['S3SourceConnector', 'S3Source'],
    configDef: sourceConfigDef,
    overview:
      'Reads objects of S3 in JSON, Avro, Parquet, text or bytes into topics: what the S3 sink wrote, back into its topics and partitions, or any ' +
      'objects by their keys. Goes on within an object where it stopped.',
    version: VERSION,
    module: 'connectors/s3/source/source-connector.ts',
    exportName: 'S3SourceConnector',
    load: async () => (await import('./source/source-connector.ts')).S3SourceConnector,
    triggers: ['schedule', 'event'],
    permissions: [
      {
        actions: ['s3:ListBucket'],
        resourceFrom: ['s3.bucket.name'],
        why: 'finding objects',
      },
      {
        actions: ['s3:GetObject'],
        resourceFrom: ['s3.bucket.name', 'topics.dir'],
        why: 'reading objects',
      },
    ],
    refusals: sourceRefusals,
  },
];
