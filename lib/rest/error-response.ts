import { AlreadyExistsException, NotFoundException } from '../core/errors.ts';
import { StateConflictException } from '../state/errors.ts';
import { json, type RestResponse } from './exchange.ts';
import { RestException } from './rest-exception.ts';

/** Any error as Connect answers it: `{"error_code", "message"}`, 500 for what nobody thought of. */
export function errorResponse(error: unknown): RestResponse {
  const status = statusOf(error);
  return json(status, { error_code: status, message: error instanceof Error ? error.message : String(error) });
}

/** What JAX-RS answers before any resource is asked: `HTTP 404 Not Found`. */
export function httpError(status: number, reason: string): RestResponse {
  return json(status, { error_code: status, message: `HTTP ${status} ${reason}` });
}

function statusOf(error: unknown): number {
  if (error instanceof RestException) return error.status;
  if (error instanceof NotFoundException) return 404;
  if (error instanceof AlreadyExistsException || error instanceof StateConflictException) return 409;
  return 500;
}
