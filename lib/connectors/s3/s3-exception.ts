import { ConnectException, RetriableException } from '../../core/errors.ts';
import { JavaException } from '../../core/java/exceptions.ts';

/** S3 refused. Message as AWS SDK v2 writes it. */
export class S3Exception extends JavaException {
  override readonly retriable: boolean;
  readonly statusCode: number;
  /** `NoSuchKey`, `PreconditionFailed`, …; empty where S3 gave none. */
  readonly errorCode: string;

  constructor(message: string, statusCode: number, errorCode: string) {
    super(`${message} (Service: S3, Status Code: ${statusCode})`, 'software.amazon.awssdk.services.s3.model.S3Exception');
    this.statusCode = statusCode;
    this.errorCode = errorCode;
    this.retriable = isOutage(statusCode, errorCode);
  }
}

const OUTAGE_STATUS = new Set([429, 500, 502, 503, 504]);
const OUTAGE_CODES = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'RequestTimeout',
  'RequestTimeoutException',
  'RequestTimeTooSkewed',
  'BandwidthLimitExceeded',
  'RequestThrottled',
  'InternalError',
]);

/** What AWS's SDK retries (software.amazon.awssdk.core.retry.conditions.SdkRetryCondition.DEFAULT). */
function isOutage(statusCode: number, errorCode: string): boolean {
  return OUTAGE_STATUS.has(statusCode) || OUTAGE_CODES.has(errorCode);
}

/** No answer came: connection refused, reset, timed out. Always retriable. */
export class SdkClientException extends JavaException {
  override readonly retriable: boolean = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'software.amazon.awssdk.core.exception.SdkClientException', options);
  }
}

/** Writing an object failed; the cause says whether it may succeed later. */
export class IOException extends JavaException {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'java.io.IOException', options);
  }
}

/** A conditional write met an object under its key. Retriable: the task goes on behind it. */
export class FileExistsException extends ConnectException {
  constructor(message: string) {
    super(message, {}, 'io.confluent.connect.s3.errors.FileExistsException', 'file-exists', true);
  }
}

/** What the connector's `throwConnectException` makes of an error: outages become RetriableException, all else ConnectException. */
export function connectException(error: unknown): ConnectException {
  if (error instanceof ConnectException) return error;
  const message = error instanceof Error ? error.message : String(error);
  return isRetriableByCause(error) ? new RetriableException(message, { cause: error }) : new ConnectException(message, { cause: error });
}

function isRetriableByCause(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof S3Exception || at instanceof SdkClientException) return at.retriable;
    if (!(at instanceof IOException)) return false;
  }
  return false;
}
