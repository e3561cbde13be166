import type { ConnectorProps } from '../core/connector.ts';
import type { SourceConnector } from '../core/source.ts';
import { exactlyOnceRefusedBy } from './exactly-once.ts';

/** A promise that a configuration asks for and that cannot be kept. */
export interface PreflightError {
  readonly key: 'exactly.once.support' | 'transaction.boundary';
  readonly message: string;
}

/**
 * What Connect asks a source connector before it takes a configuration (KIP-618), with its messages. `connector` null = its code is not at hand:
 * only what the keys say is judged. Unlike in Connect, `required` needs no word of the worker; a worker that says `disabled` or `preparing` refuses it.
 */
export function preflightErrors(connector: SourceConnector | null, props: ConnectorProps, worker: ConnectorProps): PreflightError[] {
  const errors: PreflightError[] = [];
  const is = (key: PreflightError['key'], value: string) => props[key]?.trim().toLowerCase() === value;
  if (is('exactly.once.support', 'required')) {
    const add = (message: string) => errors.push({ key: 'exactly.once.support', message });
    if (exactlyOnceRefusedBy(worker)) add('This worker does not have exactly-once source support enabled.');
    const message = connector === null ? null : supportError(connector, props);
    if (message !== null) add(message);
  }
  if (connector !== null && is('transaction.boundary', 'connector')) {
    const message = boundaryError(connector, props);
    if (message !== null) errors.push({ key: 'transaction.boundary', message });
  }
  return errors;
}

function supportError(connector: SourceConnector, props: ConnectorProps): string | null {
  try {
    const support = connector.exactlyOnceSupport?.(props) ?? null;
    if (support === 'SUPPORTED') return null;
    if (support === 'UNSUPPORTED') return 'The connector does not support exactly-once semantics with the provided configuration.';
    return (
      'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the documentation ' +
      'for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the connector to use the value ' +
      '"requested" for this property (which will disable this preflight check and allow the connector to be created).'
    );
  } catch (error) {
    return unexpected(error);
  }
}

function boundaryError(connector: SourceConnector, props: ConnectorProps): string | null {
  try {
    // a connector that does not say cannot, as the default of Connect's class has it
    const support: 'SUPPORTED' | 'UNSUPPORTED' | null =
      connector.canDefineTransactionBoundaries === undefined ? 'UNSUPPORTED' : connector.canDefineTransactionBoundaries(props);
    if (support === 'SUPPORTED') return null;
    if (support === null) {
      return (
        'This connector has returned a null value from its canDefineTransactionBoundaries method, which is not permitted. The connector will be treated as ' +
        "if it cannot define its own transaction boundaries, and cannot be configured with 'transaction.boundary' set to 'connector'."
      );
    }
    return (
      'The connector does not support connector-defined transaction boundaries with the given configuration. ' +
      'Please reconfigure it to use a different transaction boundary definition.'
    );
  } catch (error) {
    return unexpected(error);
  }
}

function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message.trim() : String(error);
  const what = 'An unexpected error occurred during validation';
  return message === '' ? `${what}; please see the worker logs for more details.` : `${what}: ${message}`;
}
