import type { ConfigDef } from '../../../core/config/config-def.ts';
import { Password } from '../../../core/config/password.ts';
import { CaseInsensitiveValidString, Range, ValidString } from '../../../core/config/validators.ts';
import { CREDENTIALS_PROVIDERS, DEFAULT_PROVIDER } from '../credentials.ts';
import { enumerator, PartSize, recommended, valueOneOf, visibleWhen } from './validators.ts';

const ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
];
const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'];
const AFFIXES = ['SUFFIX', 'PREFIX', 'NONE'];

/** The bucket, how it is reached, and how objects are written. */
export function defineS3(def: ConfigDef): ConfigDef {
  let order = 0;
  const place = () => ({ group: 'S3', orderInGroup: ++order });
  return def
    .define({
      name: 's3.bucket.name',
      type: 'STRING',
      importance: 'HIGH',
      doc: 'The bucket.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Bucket',
    })
    .define({
      name: 's3.object.tagging',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Whether objects are tagged with startOffset, endOffset and recordCount.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Object Tagging',
    })
    .define({
      name: 's3.object.tagging.key.value.pairs',
      type: 'LIST',
      default: '',
      importance: 'LOW',
      doc: 'Further tags, each as key:value.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Object Tagging Extra Key Value pairs',
    })
    .define({
      name: 's3.object.behavior.on.tagging.error',
      type: 'STRING',
      default: 'ignore',
      validator: enumerator('ignore', 'fail'),
      importance: 'LOW',
      doc: 'Whether the task fails when an object cannot be tagged.',
      ...place(),
      width: 'SHORT',
      displayName: 'Behavior for S3 object tagging error',
    })
    .define({
      name: 's3.region',
      type: 'STRING',
      default: 'us-west-2',
      importance: 'MEDIUM',
      doc: 'Region of the bucket.',
      ...place(),
      width: 'LONG',
      displayName: 'AWS region',
    })
    .define({
      name: 's3.part.size',
      type: 'INT',
      default: 26_214_400,
      validator: PartSize,
      importance: 'HIGH',
      doc: 'Bytes of one part of an upload, and of what is held in memory for each open object.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Part Size',
    })
    .define({
      name: 's3.credentials.provider.class',
      type: 'CLASS',
      default: DEFAULT_PROVIDER,
      importance: 'LOW',
      doc: 'Where credentials come from when aws.access.key.id is not set; keys of the provider follow the prefix s3.credentials.provider.',
      ...place(),
      width: 'LONG',
      displayName: 'AWS Credentials Provider Class',
      knowsClass: (name) => CREDENTIALS_PROVIDERS.includes(name),
    })
    .define({
      name: 'aws.access.key.id',
      type: 'STRING',
      default: '',
      importance: 'HIGH',
      doc: 'Access key, with aws.secret.access.key; empty: those of the environment, which in a function are those of its role.',
      ...place(),
      width: 'LONG',
      displayName: 'AWS Access Key ID',
    })
    .define({
      name: 'aws.secret.access.key',
      type: 'PASSWORD',
      default: null,
      importance: 'HIGH',
      doc: 'Secret of aws.access.key.id.',
      ...place(),
      width: 'LONG',
      displayName: 'AWS Secret Access Key',
    })
    .define({
      name: 's3.ssea.name',
      type: 'STRING',
      default: '',
      validator: ValidString.in('', ...ENCRYPTIONS),
      importance: 'LOW',
      doc: 'Encryption of the objects by S3.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Server Side Encryption Algorithm',
      recommender: recommended(...ENCRYPTIONS),
    })
    .define({
      name: 's3.sse.customer.key',
      type: 'PASSWORD',
      default: null,
      importance: 'LOW',
      doc: 'Own key to encrypt with, base64 of 32 bytes; needs s3.ssea.name=AES256.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Server Side Encryption Customer-Provided Key (SSE-C)',
    })
    .define({
      name: 's3.sse.kms.key.id',
      type: 'STRING',
      default: '',
      importance: 'LOW',
      doc: 'Key of AWS KMS to encrypt with; needs s3.ssea.name=aws:kms.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Server Side Encryption Key',
      recommender: visibleWhen((_name, parsed) => String(parsed.get('s3.ssea.name')).toLowerCase() === 'aws:kms'),
    })
    .define({
      name: 's3.acl.canned',
      type: 'STRING',
      default: null,
      validator: valueOneOf(ACLS),
      importance: 'LOW',
      doc: 'Canned ACL of the objects.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Canned ACL',
    })
    .define({
      name: 's3.wan.mode',
      type: 'BOOLEAN',
      default: false,
      importance: 'MEDIUM',
      doc: "Whether S3's accelerated endpoint is used; needs s3.path.style.access.enabled=false.",
      ...place(),
      width: 'LONG',
      displayName: 'S3 accelerated endpoint enabled',
    })
    .define({
      name: 's3.compression.type',
      type: 'STRING',
      default: 'none',
      validator: valueOneOf(['none', 'gzip']),
      importance: 'LOW',
      doc: 'Compression of JSON and bytes: none or gzip.',
      ...place(),
      width: 'LONG',
      displayName: 'Compression type',
    })
    .define({
      name: 's3.compression.level',
      type: 'INT',
      default: -1,
      validator: Range.between(-1, 9),
      importance: 'LOW',
      doc: 'How hard gzip tries, 0 to 9; -1: the usual.',
      ...place(),
      width: 'LONG',
      displayName: 'Compression Level',
      recommender: recommended(-1, 0, 1, 2, 3, 4, 5, 6, 7, 8),
    })
    .define({
      name: 'json.decimal.format',
      type: 'STRING',
      default: 'BASE64',
      validator: CaseInsensitiveValidString.in('BASE64', 'NUMERIC'),
      importance: 'MEDIUM',
      doc: 'How decimals of structs stand in JSON: BASE64 of the unscaled bytes, or NUMERIC.',
      ...place(),
      width: 'MEDIUM',
      displayName: 'Decimal Format',
    })
    .define({
      name: 's3.part.retries',
      type: 'INT',
      default: 3,
      validator: Range.atLeast(0),
      importance: 'MEDIUM',
      doc: 'How often a request is sent before it counts as failed.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Part Upload Retries',
    })
    .define({
      name: 's3.retry.backoff.ms',
      type: 'LONG',
      default: 200,
      validator: Range.atLeast(0),
      importance: 'LOW',
      doc: 'Longest wait before a request is sent a second time; doubles each time.',
      ...place(),
      width: 'SHORT',
      displayName: 'Retry Backoff (ms)',
    })
    .define({
      name: 'format.bytearray.extension',
      type: 'STRING',
      default: '.bin',
      importance: 'LOW',
      doc: 'Extension of objects of ByteArrayFormat.',
      ...place(),
      width: 'LONG',
      displayName: 'Output file extension for ByteArrayFormat',
    })
    .define({
      name: 'format.bytearray.separator',
      type: 'STRING',
      default: null,
      importance: 'LOW',
      doc: 'What ByteArrayFormat writes after each record, blanks included; a line feed when not set.',
      ...place(),
      width: 'LONG',
      displayName: 'Line separator ByteArrayFormat',
    })
    .define({
      name: 's3.proxy.url',
      type: 'STRING',
      default: '',
      importance: 'LOW',
      doc: 'Proxy; cannot be used here.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Proxy Settings',
    })
    .define({
      name: 's3.proxy.user',
      type: 'STRING',
      default: null,
      importance: 'LOW',
      doc: 'User of the proxy.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Proxy User',
    })
    .define({
      name: 's3.proxy.password',
      type: 'PASSWORD',
      default: new Password(''),
      importance: 'LOW',
      doc: 'Password of the proxy.',
      ...place(),
      width: 'LONG',
      displayName: 'S3 Proxy Password',
    })
    .define({
      name: 's3.http.send.expect.continue',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Accepted and without effect: parts are sent at once.',
      ...place(),
      width: 'SHORT',
      displayName: 'S3 HTTP Send Uses Expect Continue',
    })
    .define({
      name: 'behavior.on.null.values',
      type: 'STRING',
      default: 'fail',
      validator: enumerator('ignore', 'fail', 'write'),
      importance: 'LOW',
      doc: 'What happens to tombstones: fail, ignore, or write (their keys, into tombstone.encoded.partition).',
      ...place(),
      width: 'SHORT',
      displayName: 'Behavior for null-valued records',
    })
    .define({
      name: 'report.null.values.to.dlq',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether ignored tombstones go to the dead letter queue, where there is one.',
      ...place(),
      width: 'SHORT',
      displayName: 'Report null value to dlq',
    })
    .define({
      name: 'max.write.duration.ms',
      type: 'LONG',
      default: 9_223_372_036_854_775_807n,
      importance: 'LOW',
      doc: 'How long one put may write; what is left is written by the next.',
      ...place(),
      width: 'SHORT',
      displayName: 'Maximum write duration',
    })
    .define({
      name: 'rotate.file.on.partition.change',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'With rotate.interval.ms: whether a record of another folder completes the open objects.',
      ...place(),
      width: 'SHORT',
      displayName: 'Rotate files on partition change',
    })
    .define({
      name: 'tombstone.encoded.partition',
      type: 'STRING',
      default: 'tombstone',
      importance: 'LOW',
      doc: 'Folder of tombstones. Objects with this text in their key hold no values.',
      ...place(),
      width: 'SHORT',
      displayName: 'Tombstone Encoded Partition',
    })
    .define({
      name: 's3.schema.partition.affix.type',
      type: 'STRING',
      default: 'NONE',
      validator: ValidString.in(...AFFIXES),
      importance: 'LOW',
      doc: 'Whether the name of the schema is a folder before (PREFIX) or after (SUFFIX) that of the partitioner.',
      ...place(),
      width: 'LONG',
      displayName: 'Schema Partition Affix Type',
      recommender: recommended(...AFFIXES),
    })
    .define({
      name: 's3.send.digest',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Whether parts carry their MD5. They carry a SHA-256 in any case.',
      ...place(),
      width: 'SHORT',
      displayName: 'S3 Send Upload Message Digest',
    })
    .define({
      name: 'enable.conditional.writes',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'With rotate.schedule.interval.ms and without keys and headers: never replaces an object; the task goes on behind it.',
      ...place(),
      width: 'SHORT',
      displayName: 'Enable conditional writes during multipart upload',
    })
    .define({
      name: 'max.files.scan.limit',
      type: 'INT',
      default: '100',
      importance: 'LOW',
      doc: 'How many objects are looked for behind one that exists already.',
    });
}

/** Objects of keys and headers beside those of the values. */
export function defineKeysAndHeaders(def: ConfigDef, formats: readonly string[], headerFormats: readonly string[]): ConfigDef {
  let order = 0;
  const place = () => ({ group: 'Keys and Headers', orderInGroup: ++order });
  const AVRO = formats[0]!;
  const shown = (parent: string, values: readonly string[]) => ({
    validValues: () => values,
    visible: (_name: string, parsed: ReadonlyMap<string, unknown>) => parsed.get(parent) === true,
  });
  return def
    .define({
      name: 'store.kafka.keys',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Whether keys are written, into objects of their own.',
      ...place(),
      width: 'SHORT',
      displayName: 'Store kafka keys',
      dependents: ['keys.format.class'],
    })
    .define({
      name: 'store.kafka.headers',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Whether headers are written, into objects of their own.',
      ...place(),
      width: 'SHORT',
      displayName: 'Store kafka headers',
      dependents: ['headers.format.class'],
    })
    .define({
      name: 'keys.format.class',
      type: 'CLASS',
      default: AVRO,
      importance: 'LOW',
      doc: 'Format of the keys.',
      ...place(),
      width: 'NONE',
      displayName: 'Keys format class',
      recommender: shown('store.kafka.keys', formats),
      knowsClass: (name) => formats.includes(name),
    })
    .define({
      name: 'headers.format.class',
      type: 'CLASS',
      default: AVRO,
      importance: 'LOW',
      doc: 'Format of the headers.',
      ...place(),
      width: 'NONE',
      displayName: 'Headers format class',
      recommender: shown('store.kafka.headers', headerFormats),
      knowsClass: (name) => formats.includes(name),
    })
    .define({
      name: 's3.path.style.access.enabled',
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      doc: 'Whether the bucket stands in the path, or in the name of the host.',
      ...place(),
      width: 'SHORT',
      displayName: 'Enable Path Style Access to S3',
    })
    .define({
      name: 's3.elastic.buffer.enable',
      type: 'BOOLEAN',
      default: false,
      importance: 'LOW',
      doc: 'Accepted and without effect: buffers always grow with what is in them.',
      ...place(),
      width: 'LONG',
      displayName: 'Enable elastic buffer to staging s3-part',
    })
    .define({
      name: 's3.elastic.buffer.init.capacity',
      type: 'INT',
      default: 131_072,
      validator: Range.atLeast(4096),
      importance: 'LOW',
      doc: 'Bytes a buffer begins with.',
      ...place(),
      width: 'LONG',
      displayName: 'Elastic buffer initial capacity',
    })
    .define({
      name: 'partitioner.max.open.files',
      type: 'INT',
      default: -1,
      importance: 'LOW',
      doc: 'How many objects of a topic partition may be open; -1: any number.',
      internal: true,
    });
}
