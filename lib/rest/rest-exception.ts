import { ConnectException } from '../core/errors.ts';

/** An error with a status of its own (Connect's ConnectRestException). Its text is what the caller reads. */
export class RestException extends ConnectException {
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options, 'org.apache.kafka.connect.runtime.rest.errors.ConnectRestException', `rest-${status}`);
    this.status = status;
  }
}

/** The request itself is wrong: 400. */
export class BadRequestException extends RestException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(400, message, options);
  }
}

/** Connect's words for a connector that is not there; other endpoints have other words. */
export function connectorNotFound(name: string): RestException {
  return new RestException(404, `Connector ${name} not found`);
}
