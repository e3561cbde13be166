import { createHash, createHmac } from 'node:crypto';

/** Credentials to sign with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** What is signed. */
export interface PresignRequest {
  readonly host: string;
  /** Percent-encoded. @default / */
  readonly path?: string;
  /** What stands for the body's hash; S3 wants `UNSIGNED-PAYLOAD`. @default the hash of nothing */
  readonly payload?: string;
  readonly service: string;
  readonly region: string;
  readonly query: Readonly<Record<string, string>>;
  readonly expiresInSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A GET that carries its signature in the query (AWS Signature Version 4); no body, only the host header is signed. */
export function presignGet(request: PresignRequest, credentials: AwsCredentials): string {
  return `https://${request.host}${request.path ?? '/'}?${presignedQuery(request, credentials)}`;
}

/** The query of {@link presignGet}, signature included. */
export function presignedQuery(request: PresignRequest, credentials: AwsCredentials): string {
  const { host, path = '/', payload = sha256(''), service, region } = request;
  const time = new Date(request.now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const query: Record<string, string> = {
    ...request.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(request.expiresInSeconds),
    'X-Amz-SignedHeaders': 'host',
    ...(credentials.sessionToken ? { 'X-Amz-Security-Token': credentials.sessionToken } : {}),
  };
  const encoded = canonicalQuery(query);
  const canonical = ['GET', path, encoded, `host:${host}`, '', 'host', payload].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  return `${encoded}&X-Amz-Signature=${hmac(signingKey(scope, credentials), toSign).toString('hex')}`;
}

/** A request to be sent with its signature in a header. */
export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  /** Percent-encoded, as it is sent. */
  readonly path: string;
  /** Not encoded; an empty value is signed as `name=`. @default none */
  readonly query?: QueryValues;
  readonly service: string;
  readonly region: string;
  /** Signed too; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hexadecimal digits. */
  readonly payloadHash: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The headers to send a request with: those given, `x-amz-date`, `authorization`, and the session token where there is one. */
export function signRequest(request: SignedRequest, credentials: AwsCredentials): Record<string, string> {
  const { method, host, path, service, region } = request;
  const time = new Date(request.now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  };
  const signed = Object.entries({ ...headers, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}`);
  const canonical = [method, path, canonicalQuery(request.query ?? {}), ...lines, '', names, request.payloadHash].join('\n');
  const signature = hmac(signingKey(scope, credentials), ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** A POST to be sent with its signature in a header; the path needs no encoding. */
export type SignedPost = Omit<SignedRequest, 'method' | 'query' | 'payloadHash'> & { readonly body: string };

/** {@link signRequest} of a POST. */
export function signPost({ body, ...request }: SignedPost, credentials: AwsCredentials): Record<string, string> {
  return signRequest({ ...request, method: 'POST', payloadHash: sha256(body) }, credentials);
}

/** Values by name; a list is sent as one `name=value` each. */
export type QueryValues = Readonly<Record<string, string | readonly string[]>>;

/** A query as it is sent and signed: encoded, sorted, every name with `=`. */
export function canonicalQuery(query: QueryValues): string {
  return Object.entries(query)
    .flatMap(([key, values]) => [values].flat().map((value) => `${percentEncode(key)}=${percentEncode(value)}`))
    .sort()
    .join('&');
}

function signingKey(scope: string, { secretAccessKey }: AwsCredentials): Buffer | string {
  return scope.split('/').reduce((secret: Buffer | string, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
}

/** RFC 3986, as AWS wants it: everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** In hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
