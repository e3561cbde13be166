import type { ConnectorProps } from '../../../core/connector.ts';

/** Keys of ours, defined with the other `lambda.*` keys; a Kafka Connect that does not know them ignores them. */
export const SAFE_READS = 'lambda.jdbc.safe.reads';
const SAFE_WINDOW_MS = 'lambda.jdbc.safe.window.ms';
const DEFAULT_WINDOW_MS = 60_000;

/** `lambda.jdbc.safe.reads`: whether rows of transactions that commit late are waited for. */
export function safeReads(props: ConnectorProps): boolean {
  return /^true$/i.test((props[SAFE_READS] ?? '').trim());
}

/** `lambda.jdbc.safe.window.ms`. */
export function safeWindowMs(props: ConnectorProps): number {
  return Number(props[SAFE_WINDOW_MS] ?? DEFAULT_WINDOW_MS);
}
