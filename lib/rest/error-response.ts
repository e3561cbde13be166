import { AlreadyExistsException, NotFoundException } from '../core/errors.ts';
import { StateConflictException } from '../state/errors.ts';
import { json, type RestResponse } from './exchange.ts';
import { RestException } from './rest-exception.ts';

/** Any error as Connect answers it: `{"error_code", "message"}`, 500 for what nobody thought of. */
export function errorResponse(error: unknown, hideSecrets: (text: string) => string = (text) => text): RestResponse {
  const status = statusOf(error);
  const message = hideSecrets(error instanceof Error ? error.message : String(error));
  const problem = error instanceof RestException && error.problem !== null ? hideSecrets(error.problem) : null;
  return json(status, { error_code: status, message }, problemHeader(problem));
}

/** What JAX-RS answers before any resource is asked: `HTTP 404 Not Found`. `problem` tells more, in header `x-problem`. */
export function httpError(status: number, reason: string, problem: string | null = null): RestResponse {
  return json(status, { error_code: status, message: `HTTP ${status} ${reason}` }, problemHeader(problem));
}

const LONGEST_PROBLEM = 1_000;

/** Header values are ASCII here, so that every client can read them. */
function problemHeader(problem: string | null): Record<string, string> {
  return problem === null ? {} : { 'x-problem': problem.slice(0, LONGEST_PROBLEM).replaceAll(/[^ -~]/g, '?') };
}

function statusOf(error: unknown): number {
  if (error instanceof RestException) return error.status;
  if (error instanceof NotFoundException) return 404;
  if (error instanceof AlreadyExistsException || error instanceof StateConflictException) return 409;
  return 500;
}
