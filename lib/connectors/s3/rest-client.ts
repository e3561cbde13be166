import { createHash } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { canonicalQuery, percentEncode, sha256, signRequest } from '../../aws/sign.ts';
import type { Clock, Random } from '../../core/clock.ts';
import type {
  ListRequest,
  ObjectContent,
  ObjectPage,
  ObjectSummary,
  PartOptions,
  ReadRequest,
  S3Client,
  UploadedPart,
  UploadOptions,
} from './client.ts';
import type { CredentialsSource } from './credentials.ts';
import { S3Exception, SdkClientException } from './s3-exception.ts';
import { element, elements, textOf, xmlText } from './xml.ts';

/** How to reach a bucket. */
export interface RestClientInit {
  readonly bucket: string;
  readonly region: string;
  /** null = AWS's own endpoint of the region. */
  readonly endpoint: string | null;
  /** The bucket in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** S3 Transfer Acceleration. */
  readonly accelerate: boolean;
  readonly credentials: CredentialsSource;
  /** How often a request is sent, the first time included. */
  readonly attempts: number;
  readonly retryBackoffMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** As AWS SDK for Java v2: no byte for so long is a lost connection. */
const SOCKET_TIMEOUT_MS = 30_000;
const BACKOFF_MAX_MS = 86_400_000;
const EMPTY = new Uint8Array(0);

/** {@link S3Client} over S3's REST protocol: one signed request per call. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
export class RestS3Client implements S3Client {
  readonly bucket: string;
  readonly #init: RestClientInit;
  readonly #url: URL;
  readonly #pathPrefix: string;
  readonly #agent: HttpAgent;

  constructor(init: RestClientInit) {
    this.#init = init;
    this.bucket = init.bucket;
    const endpoint = new URL(init.endpoint ?? defaultEndpoint(init));
    const path = endpoint.pathname.replace(/\/$/, '');
    if (init.pathStyle) this.#pathPrefix = `${path}/${percentEncode(init.bucket)}`;
    else {
      endpoint.host = `${init.bucket}.${endpoint.host}`;
      this.#pathPrefix = path;
    }
    this.#url = endpoint;
    this.#agent = endpoint.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  async bucketExists(): Promise<boolean> {
    if (this.bucket.trim() === '') return false;
    try {
      await this.#call({ method: 'HEAD' });
      return true;
    } catch (error) {
      if (!(error instanceof S3Exception)) throw error;
      if (error.statusCode === 301 || error.statusCode === 403) return true;
      if (error.statusCode === 404) return false;
      throw error;
    }
  }

  async headObject(key: string): Promise<ObjectSummary | null> {
    try {
      return summaryOf(key, await this.#call({ method: 'HEAD', key }));
    } catch (error) {
      if (error instanceof S3Exception && error.statusCode === 404) return null;
      throw error;
    }
  }

  async createMultipartUpload(key: string, { cannedAcl, encryption }: UploadOptions): Promise<string> {
    const headers: Record<string, string> = { ...customerKeyHeaders(encryption.customerKey) };
    if (cannedAcl !== null) headers['x-amz-acl'] = cannedAcl;
    if (encryption.algorithm !== null) headers['x-amz-server-side-encryption'] = encryption.algorithm;
    if (encryption.kmsKeyId !== null) headers['x-amz-server-side-encryption-aws-kms-key-id'] = encryption.kmsKeyId;
    const { body } = await this.#call({ method: 'POST', key, query: { uploads: '' }, headers });
    return textOf(body.toString(), 'UploadId');
  }

  async uploadPart(
    key: string,
    uploadId: string,
    partNumber: number,
    bytes: Uint8Array,
    { customerKey, digest }: PartOptions,
  ): Promise<UploadedPart> {
    const headers = customerKeyHeaders(customerKey);
    if (digest) headers['content-md5'] = createHash('md5').update(bytes).digest('base64');
    const answer = await this.#call({ method: 'PUT', key, query: { partNumber: String(partNumber), uploadId }, headers, body: bytes });
    return { partNumber, etag: answer.headers.etag ?? '' };
  }

  async completeMultipartUpload(key: string, uploadId: string, parts: readonly UploadedPart[], ifNoneMatch: boolean): Promise<void> {
    const list = parts.map(({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${xmlText(etag)}</ETag></Part>`);
    const body = Buffer.from(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`,
    );
    await this.#call({ method: 'POST', key, query: { uploadId }, headers: ifNoneMatch ? { 'if-none-match': '*' } : {}, body });
  }

  async abortMultipartUpload(key: string, uploadId: string): Promise<void> {
    await this.#call({ method: 'DELETE', key, query: { uploadId } });
  }

  async putTags(key: string, tags: ReadonlyMap<string, string>): Promise<void> {
    const list = [...tags].map(([name, value]) => `<Tag><Key>${xmlText(name)}</Key><Value>${xmlText(value)}</Value></Tag>`);
    const body = Buffer.from(`<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${list.join('')}</TagSet></Tagging>`);
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
    await this.#call({ method: 'PUT', key, query: { tagging: '' }, headers, body });
  }

  async getObject({ key, from, to, ifMatch }: ReadRequest): Promise<ObjectContent> {
    const headers: Record<string, string> = {};
    if (from !== undefined || to !== undefined) headers.range = `bytes=${from ?? 0}-${to ?? ''}`;
    if (ifMatch !== undefined) headers['if-match'] = ifMatch;
    const answer = await this.#call({ method: 'GET', key, headers });
    const whole = /\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1];
    return { bytes: answer.body, etag: answer.headers.etag ?? '', sizeBytes: whole === undefined ? answer.body.length : Number(whole) };
  }

  async listObjects({ prefix, delimiter, startAfter, continuation, maxKeys }: ListRequest): Promise<ObjectPage> {
    const query: Record<string, string> = { 'list-type': '2', prefix, 'encoding-type': 'url' };
    if (delimiter !== undefined) query.delimiter = delimiter;
    if (startAfter !== undefined) query['start-after'] = startAfter;
    if (continuation !== undefined) query['continuation-token'] = continuation;
    if (maxKeys !== undefined) query['max-keys'] = String(maxKeys);
    const xml = (await this.#call({ method: 'GET', query })).body.toString();
    const decoded = (text: string) => (xml.includes('<EncodingType>url') ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
    return {
      objects: elements(xml, 'Contents').map((entry) => ({
        key: decoded(textOf(entry, 'Key')),
        sizeBytes: Number(textOf(entry, 'Size')),
        etag: textOf(entry, 'ETag'),
        lastModified: Date.parse(textOf(entry, 'LastModified')),
      })),
      prefixes: elements(xml, 'CommonPrefixes').map((entry) => decoded(textOf(entry, 'Prefix'))),
      next: textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : null,
    };
  }

  async deleteObject(key: string): Promise<void> {
    await this.#call({ method: 'DELETE', key });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(call: Call): Promise<Answer> {
    const { attempts, clock, random, retryBackoffMs, signal } = this.#init;
    for (let attempt = 1; ; attempt++) {
      try {
        return accepted(call, await this.#send(call));
      } catch (error) {
        const outage = error instanceof S3Exception || error instanceof SdkClientException ? error.retriable : false;
        if (!outage || attempt >= attempts || signal.aborted) throw error;
        await clock.sleep(random() * Math.min(retryBackoffMs * 2 ** (attempt - 1), BACKOFF_MAX_MS), signal);
      }
    }
  }

  async #send({ method, key, query = {}, headers = {}, body = EMPTY }: Call): Promise<Answer> {
    const { clock, region, credentials, signal } = this.#init;
    const path = `${this.#pathPrefix}${key === undefined ? '' : `/${key.split('/').map(percentEncode).join('/')}`}` || '/';
    const payloadHash = sha256(body);
    const withLength = method === 'PUT' || method === 'POST' ? { ...headers, 'content-length': String(body.length) } : headers;
    const signed = signRequest(
      {
        method,
        host: this.#url.host,
        path,
        query,
        service: 's3',
        region,
        headers: { ...withLength, 'x-amz-content-sha256': payloadHash },
        payloadHash,
        now: clock.now(),
      },
      await credentials(),
    );
    const encoded = canonicalQuery(query);
    const open = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const failed = (cause: Error) =>
        reject(new SdkClientException(`Unable to execute HTTP request: ${cause.message || 'connection failed'}`, { cause }));
      const sent = open(
        {
          protocol: this.#url.protocol,
          hostname: this.#url.hostname.replace(/^\[|\]$/g, ''),
          port: this.#url.port,
          method,
          path: encoded === '' ? path : `${path}?${encoded}`,
          headers: signed,
          agent: this.#agent,
          timeout: SOCKET_TIMEOUT_MS,
          signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
          response.on('error', failed);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${SOCKET_TIMEOUT_MS} ms`)));
      sent.on('error', failed);
      sent.end(body);
    });
  }
}

/** The answer, unless it is an error; completing an upload can fail with status 200 and an error as its body. */
function accepted({ method, query }: Call, answer: Answer): Answer {
  const { status, body } = answer;
  if (status < 300) {
    if (method !== 'POST' || query?.uploadId === undefined) return answer;
    const error = element(body.toString(), 'Error');
    if (error === null) return answer;
    throw new S3Exception(textOf(error, 'Message') || textOf(error, 'Code'), 500, textOf(error, 'Code'));
  }
  const text = body.toString();
  const code = textOf(text, 'Code');
  throw new S3Exception(textOf(text, 'Message') || code || `status ${status}`, status, code);
}

function defaultEndpoint({ accelerate, region }: RestClientInit): string {
  if (accelerate) return 'https://s3-accelerate.amazonaws.com';
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function customerKeyHeaders(customerKey: string | null): Record<string, string> {
  if (customerKey === null) return {};
  return {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': customerKey,
    'x-amz-server-side-encryption-customer-key-md5': createHash('md5').update(Buffer.from(customerKey, 'base64')).digest('base64'),
  };
}

function summaryOf(key: string, { headers }: Answer): ObjectSummary {
  return {
    key,
    sizeBytes: Number(headers['content-length'] ?? 0),
    etag: headers.etag ?? '',
    lastModified: Date.parse(headers['last-modified'] ?? '') || 0,
  };
}
