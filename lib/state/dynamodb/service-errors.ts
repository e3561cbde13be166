import { ConnectException, isRetriable } from '../../core/errors.ts';
import { StateCorruptException, StateUnavailableException } from '../errors.ts';

interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'InternalServerError',
  'InternalServerErrorException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TransactionInProgressException',
  'ItemCollectionSizeLimitExceededException',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'AbortError',
]);
const NETWORK = /^(ECONN|ENOTFOUND|EPIPE|EHOST|ENET|EAI_|ETIMEDOUT|UND_)/;

export function isConditionRefused(error: unknown): boolean {
  return (error as ServiceError | null)?.name === 'ConditionalCheckFailedException';
}

/** Any failure of a call in this project's terms. Message texts of the service are shown, never branched on. */
export function toStateError(error: unknown, table: string, what: string): ConnectException {
  if (error instanceof ConnectException) return error;
  const { name = 'Error', code, message = String(error), $retryable, $metadata } = (error ?? {}) as ServiceError;
  const options = { cause: error };
  const status = $metadata?.httpStatusCode ?? 0;
  if (
    THROTTLES.has(name) ||
    $retryable !== undefined ||
    status >= 500 ||
    status === 429 ||
    NETWORK.test(code ?? '') ||
    isRetriable(error)
  ) {
    return new StateUnavailableException(`${what} in table ${table} failed: ${name}: ${message}; tried again later`, options);
  }
  if (name === 'ResourceNotFoundException') {
    return new StateCorruptException(
      `${what} failed: there is no table ${table}, or not of the shape that is needed (pk, sk, index by-state), in this region and account`,
      options,
    );
  }
  if (name === 'ValidationException' || name === 'SerializationException') {
    return new StateCorruptException(
      `${what} in table ${table} was refused: ${message}; the table needs string keys pk and sk and the index by-state`,
      options,
    );
  }
  return new ConnectException(`${what} in table ${table} failed: ${name}: ${message}`, { ...options, code: 'state-refused' });
}
