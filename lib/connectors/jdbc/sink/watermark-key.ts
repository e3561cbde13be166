import type { ConnectorProps } from '../../../core/connector.ts';

/** A key of ours, defined with the other `lambda.*` keys; a Kafka Connect that does not know it ignores it. */
export const WATERMARK_TABLE = 'lambda.jdbc.watermark.table';

/** `lambda.jdbc.watermark.table`; null = the target keeps no offsets. */
export function watermarkTableName(props: ConnectorProps): string | null {
  const name = (props[WATERMARK_TABLE] ?? '').trim();
  return name === '' ? null : name;
}

const DEFAULT_LEASE_MS = 30_000;

/** `lambda.lease.ms`. */
export function leaseMs(props: ConnectorProps): number {
  return Number(props['lambda.lease.ms'] ?? DEFAULT_LEASE_MS);
}
