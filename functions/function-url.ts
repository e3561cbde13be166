import { gzipSync } from 'node:zlib';
import { httpError } from '../lib/rest/error-response.ts';
import type { RestRequest, RestResponse } from '../lib/rest/exchange.ts';

/** A request to a function URL, payload format 2.0, as far as it is read. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export interface FunctionUrlEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** Names in lower case; values of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly http: { readonly method: string };
    /** Absent where the URL authorises nobody. */
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** The answer in the same format. */
export interface FunctionUrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** What Lambda carries, with room for the JSON around the body. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024 - 16 * 1024;
/** What stands in no path as it is: a gateway in front may have decoded it. */
const NOT_IN_PATH = /%(?![0-9A-Fa-f]{2})|[^!-~]+/gu;

export function requestOf({ body = '', headers, isBase64Encoded, rawPath, rawQueryString, requestContext }: FunctionUrlEvent): RestRequest {
  const caller = requestContext.authorizer?.iam?.userArn;
  return {
    method: requestContext.http.method,
    path: rawPath.replace(NOT_IN_PATH, (text) => encodeURIComponent(text.toWellFormed())),
    query: rawQueryString,
    headers,
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
    ...(caller === undefined ? {} : { caller }),
  };
}

/** An answer that is too large for Lambda is compressed where the caller allows it, else refused. */
export function answerOf({ body, headers, status }: RestResponse, { headers: asked }: RestRequest): FunctionUrlAnswer {
  if (body === null) return { statusCode: status, headers };
  // The body travels as a JSON string: quotes and backslashes take two bytes.
  if (Buffer.byteLength(JSON.stringify(body)) <= MAX_ANSWER_BYTES) return { statusCode: status, headers, body };
  const zipped = /\bgzip\b/.test(asked['accept-encoding'] ?? '') ? gzipSync(body).toString('base64') : null;
  if (zipped !== null && zipped.length <= MAX_ANSWER_BYTES)
    return { statusCode: status, headers: { ...headers, 'content-encoding': 'gzip' }, body: zipped, isBase64Encoded: true };
  const why = `the answer takes ${Buffer.byteLength(body)} bytes, a function can answer with 6 MB; ask with accept-encoding: gzip, or for less`;
  const refusal = httpError(500, 'Internal Server Error', why);
  return { statusCode: refusal.status, headers: refusal.headers, body: refusal.body ?? '' };
}
