import { ConnectException } from '../core/errors.ts';

/** An error with a status of its own (Connect's ConnectRestException). Its text is what the caller reads. */
export class RestException extends ConnectException {
  readonly status: number;
  /** The clearer story, where status or text are kept for the sake of tools that know Connect's; header `x-problem`. null = none is needed. */
  readonly problem: string | null;

  constructor(status: number, message: string, options: { cause?: unknown; problem?: string } = {}) {
    super(message, options, 'org.apache.kafka.connect.runtime.rest.errors.ConnectRestException', `rest-${status}`);
    this.status = status;
    this.problem = options.problem ?? null;
  }
}

/** A body that cannot be read. Jackson's exceptions end up as 500 in Connect; the fault is the caller's all the same. */
export function unreadableBody(why: string): RestException {
  return new RestException(500, `cannot read the body of the request: ${why}`, {
    problem: `the request is at fault, not the server: ${why}; nothing was changed`,
  });
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
