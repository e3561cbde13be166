import { ConfigException, ConnectException, DataException, RetriableException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';

/** The registry answered with an error: its HTTP status and its own error code (40401 subject not found, 40403 schema not found, 409 …). */
export class RestClientException extends JavaException {
  readonly status: number;
  readonly errorCode: number;

  constructor(message: string, status: number, errorCode: number) {
    super(`${message}; error code: ${errorCode}`, 'io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException');
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** The registry could not be reached. The message is Java's: `Connection refused`. */
export class RegistryUnreachable extends JavaException {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'java.net.ConnectException', options);
  }
}

/** What was to be written or read does not fit its schema, or the registry refused it for good. Converters make a DataException of it. */
export class SerializationException extends JavaException {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'org.apache.kafka.common.errors.SerializationException', options);
  }
}

/** The registry is down, overloaded or throttles: an outage, never bad data. */
export class RegistryTimeoutException extends JavaException {
  override readonly retriable = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, 'org.apache.kafka.common.errors.TimeoutException', options);
  }
}

/** The registry refuses these credentials, or what they are allowed to do. */
export class RegistryAccessException extends JavaException {
  constructor(message: string, status: number, options?: ErrorOptions) {
    const name = status === 401 ? 'AuthenticationException' : 'AuthorizationException';
    super(message, `org.apache.kafka.common.errors.${name}`, options);
  }
}

/** Kafka's NetworkException: the registry cannot be reached. Retriable, so that no good record is taken for a bad one. */
export class NetworkException extends ConnectException {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options, 'org.apache.kafka.common.errors.NetworkException', 'network', true);
  }
}

/** Whether a failure is one of the connection rather than an answer. */
export function isNetworkFailure(error: unknown): error is RegistryUnreachable {
  return error instanceof RegistryUnreachable;
}

/** What a failed call of the registry means for the record that needed it. `doing` stands before the cause, e.g. `Error registering Avro schema{…}`. */
export function registryFailure(error: unknown, doing: string): unknown {
  if (isNetworkFailure(error)) return new SerializationException(`${error.javaClass}: ${error.message}`, { cause: error });
  if (!(error instanceof RestClientException)) return error;
  switch (error.status) {
    case 401:
    case 403:
      return new RegistryAccessException(doing, error.status, { cause: error });
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return new RegistryTimeoutException(doing, { cause: error });
    default:
      return new SerializationException(doing, { cause: error });
  }
}

/** The messages a converter gives its failures, each with the vendor's own words. */
export interface FailureTexts {
  /** The record or its schema is bad: DataException. */
  readonly data: string;
  /** The registry is down: RetriableException. */
  readonly outage: string;
  /** The registry cannot be reached: NetworkException; the cause is added. */
  readonly network: string;
  /** The registry refuses access: ConfigException; the cause is added. */
  readonly access: string;
}

/** The Connect error for what writing or reading with a registry threw. Errors that are Connect's already stay as they are. */
export function converterFailure(error: unknown, texts: FailureTexts): unknown {
  if (error instanceof RegistryTimeoutException)
    return new RetriableException(texts.outage, { cause: error, code: 'registry-unavailable' });
  if (error instanceof RegistryAccessException) {
    return new ConfigException(`${texts.access}${error.message}`, { cause: error, code: 'registry-access' });
  }
  if (!(error instanceof SerializationException)) return error;
  if (isNetworkFailure(error.cause)) return new NetworkException(`${texts.network}${error.cause.message}`, { cause: error });
  return new DataException(texts.data, { cause: error });
}
