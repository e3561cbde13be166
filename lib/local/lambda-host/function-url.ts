import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsCredentials, percentEncode, sha256, signRequest } from '../../aws/sign.ts';
import type { LambdaHost } from './lambda-host.ts';

export interface FunctionUrlOptions {
  readonly host: Pick<LambdaHost, 'invoke'>;
  readonly functionName: string;
  /** AuthType AWS_IAM: only requests signed with these credentials come through, the rest is answered with 403. null = AuthType NONE. */
  readonly credentials: AwsCredentials | null;
  /** Whom the function is told is calling. @default a user named local */
  readonly callerArn?: string;
}

/** A function URL on this machine. */
export interface FunctionUrl {
  /** `http://127.0.0.1:port/` */
  readonly url: string;
  close(): Promise<void>;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
/** How far a signature's time may be off. */
const SKEW_MS = 5 * 60_000;
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)\b)/i;

/** Serves a function over HTTP as a function URL does: payload format 2.0, signatures judged, at most 6 MB. */
export async function openFunctionUrl(options: FunctionUrlOptions): Promise<FunctionUrl> {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 502, error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

async function serve(options: FunctionUrlOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (body.length > PAYLOAD_BYTES) return refuse(response, 413, 'Request Entity Too Large');
  if (options.credentials !== null && !isSigned(request, body, options.credentials)) return refuse(response, 403, 'Forbidden');
  const { functionError, payload } = await options.host.invoke(options.functionName, eventOf(options, request, body));
  if (functionError !== null) return refuse(response, 502, 'Internal Server Error');
  const answer = JSON.parse(payload) as Answer;
  const bytes = answer.body === undefined ? null : Buffer.from(answer.body, answer.isBase64Encoded === true ? 'base64' : 'utf8');
  response.writeHead(answer.statusCode, answer.headers);
  response.end(bytes);
}

/** What Lambda itself answers. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 403 ? { 'x-amzn-errortype': 'AccessDeniedException' } : {}),
  });
  response.end(JSON.stringify({ Message: message }));
}

function eventOf({ callerArn, credentials }: FunctionUrlOptions, request: IncomingMessage, body: Buffer): object {
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?');
  const headers = headersOf(request);
  const isText = TEXT.test(headers['content-type'] ?? '');
  const iam = { accessKey: credentials?.accessKeyId, userArn: callerArn ?? 'arn:aws:iam::000000000000:user/local' };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query.join('?'),
    headers,
    requestContext: {
      ...(credentials === null ? {} : { authorizer: { iam } }),
      http: { method: request.method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(',')]])),
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned(request: IncomingMessage, body: Buffer, credentials: AwsCredentials): boolean {
  const headers = headersOf(request);
  const named = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/([^/,]+)\/lambda\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=/.exec(
    headers.authorization ?? '',
  );
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '');
  if (named === null || date === null || named[1] !== credentials.accessKeyId) return false;
  const [year, month, day, hour, minute, second] = date.slice(1).map(Number) as [number, number, number, number, number, number];
  const now = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Math.abs(Date.now() - now) > SKEW_MS) return false;
  const added = new Set(['host', 'x-amz-date', 'x-amz-security-token']);
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const values = new URLSearchParams(query.join('?'));
  const expected = signRequest(
    {
      method: request.method ?? 'GET',
      host: headers.host ?? '',
      path: path.split('/').map(percentEncode).join('/'),
      query: Object.fromEntries([...new Set(values.keys())].map((name) => [name, values.getAll(name)])),
      service: 'lambda',
      region: named[2] as string,
      headers: Object.fromEntries(
        (named[3] as string)
          .split(';')
          .filter((name) => !added.has(name))
          .map((name) => [name, headers[name] ?? '']),
      ),
      payloadHash: sha256(body),
      now,
    },
    credentials,
  );
  return expected.authorization?.split('Signature=')[1] === headers.authorization?.split('Signature=')[1];
}
