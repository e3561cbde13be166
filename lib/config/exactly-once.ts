import type { ConnectorProps } from '../core/connector.ts';

/** Name of the topic whose group offsets carry transaction numbers, where `lambda.sequence.topic` names none. */
export const DEFAULT_SEQUENCE_TOPIC = '__serverless_connect_sequence';

/**
 * Whether a source's records are sent in transactions: the worker's `exactly.once.source.support=enabled` (then every source, as in Connect), or
 * the connector's `exactly.once.support=required`. The configurations need not be resolved.
 */
export function exactlyOnceInForce(props: ConnectorProps, worker: ConnectorProps): boolean {
  return word(worker['exactly.once.source.support']) === 'enabled' || word(props['exactly.once.support']) === 'required';
}

/** The worker's configuration says in so many words that it does not do so. */
export function exactlyOnceRefusedBy(worker: ConnectorProps): boolean {
  const support = word(worker['exactly.once.source.support']);
  return support === 'disabled' || support === 'preparing';
}

function word(value: string | undefined): string {
  return (value ?? '').trim().toLowerCase();
}
