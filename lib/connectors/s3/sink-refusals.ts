import { PARQUET_FORMAT } from './class-names.ts';

/** Key of our own: files of a quiet topic are completed so long after their last record. */
export const FLUSH_IDLE_MS = 'lambda.s3.flush.idle.ms';

type Props = Readonly<Record<string, string>>;

const set = (value: string | undefined) => (value ?? '').trim() !== '';

/** What a configuration asks for that Confluent's connector does and this one cannot. */
export function sinkRefusals(props: Props): readonly { readonly key: string; readonly message: string }[] {
  const found: { key: string; message: string }[] = [];
  const usesParquet = ['format.class', 'keys.format.class', 'headers.format.class'].some((name) => props[name] === PARQUET_FORMAT);
  if (usesParquet && props['parquet.codec'] === 'lzo') {
    found.push({ key: 'parquet.codec', message: 'lzo cannot be written here; allowed: none, snappy, gzip, zstd, lz4_raw, brotli, lz4' });
  }
  if (props['avro.codec'] === 'bzip2') {
    found.push({ key: 'avro.codec', message: 'bzip2 cannot be written here; allowed: null, deflate, snappy' });
  }
  if (set(props['s3.proxy.url'])) {
    found.push({ key: 's3.proxy.url', message: 'a proxy cannot be used here; reach S3 directly or through a gateway endpoint of the VPC' });
  }
  if (Number(props[FLUSH_IDLE_MS] ?? -1) > 0 && Number(props['rotate.schedule.interval.ms'] ?? -1) > 0) {
    found.push({
      key: FLUSH_IDLE_MS,
      message:
        'cannot be used together with rotate.schedule.interval.ms, which completes open objects by the clock already; set one of them',
    });
  }
  return found;
}
