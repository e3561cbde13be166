import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signatureProblem } from './signature.ts';

/** S3 answers with an error: to requests of this method that have this query parameter, so many times (−1 = always). */
export interface S3Fault {
  readonly method: string;
  readonly query: string;
  readonly status: number;
  readonly code: string;
  times: number;
}

/** An object as the server keeps it. */
export interface StoredObject {
  readonly content: Buffer;
  /** How many parts its upload had. */
  readonly parts: number;
  /** Headers that began the upload, and `if-none-match` of its completion. */
  readonly headers: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly lastModified: Date;
}

export interface TestS3Options {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Keep sizes and hashes only: for streams that no memory holds. */
  readonly discardContent?: boolean;
}

interface Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly content: Buffer; readonly size: number; readonly etag: string }>;
}

const KEPT_HEADERS = ['x-amz-acl', 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A small S3 on 127.0.0.1: one bucket, multipart uploads, tags, conditional completion, ranges, listings, faults; it checks signatures. */
export class TestS3 {
  readonly bucket: string;
  readonly objects = new Map<string, StoredObject>();
  readonly faults: S3Fault[] = [];
  /** Keys of objects in the order in which they were completed. */
  readonly completed: string[] = [];
  /** Every request: `PUT key?partNumber`. */
  readonly requests: string[] = [];
  /** Called before each request is answered; what it throws ends the process of the test or is answered as 500. */
  onRequest: (description: string) => void = () => undefined;
  bytesReceived = 0;
  readonly #options: Required<TestS3Options>;
  readonly #uploads = new Map<string, Upload>();
  readonly #server: Server;

  constructor(bucket = 'bucket', options: TestS3Options = {}) {
    this.bucket = bucket;
    this.#options = { accessKeyId: 'test-key', secretAccessKey: 'test-secret', discardContent: false, ...options };
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (response.headersSent) {
          response.destroy();
          return;
        }
        const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
        const body = request.method === 'HEAD' ? '' : errorXml(refusal);
        response.writeHead(refusal.status, { 'content-type': 'application/xml' }).end(body);
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Uploads that were begun and neither completed nor aborted. */
  get openUploads(): number {
    return this.#uploads.size;
  }

  put(key: string, content: Buffer): void {
    this.objects.set(key, { content, parts: 1, headers: {}, tags: {}, etag: etagOf(content), lastModified: new Date() });
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await stopped;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.bytesReceived += body.length;
    const url = new URL(request.url ?? '/', this.url);
    const [, bucket = '', ...rest] = url.pathname.split('/');
    const key = rest.map(decodeURIComponent).join('/');
    const query = url.searchParams;
    const description = `${request.method} ${key}${[...query.keys()].map((name) => ` ${name}`).join('')}`;
    this.requests.push(description);
    this.onRequest(description);
    const problem = signatureProblem(request, body, (id) => (id === this.#options.accessKeyId ? this.#options.secretAccessKey : null));
    if (problem !== null) throw new Refusal(403, 'SignatureDoesNotMatch', problem);
    const fault = this.faults.find(({ method, query: name, times }) => times !== 0 && method === request.method && query.has(name));
    if (fault !== undefined) {
      if (fault.times > 0) fault.times--;
      throw new Refusal(fault.status, fault.code);
    }
    if (decodeURIComponent(bucket) !== this.bucket) throw new Refusal(404, 'NoSuchBucket');
    this.#answer(request, response, key, query, body);
  }

  #answer(request: IncomingMessage, response: ServerResponse, key: string, query: URLSearchParams, body: Buffer): void {
    const uploadId = query.get('uploadId');
    switch (request.method) {
      case 'HEAD':
        if (key === '') response.writeHead(200).end();
        else this.#sendObject(request, response, key, false);
        return;
      case 'GET':
        if (key === '') send(response, this.#list(query));
        else this.#sendObject(request, response, key, true);
        return;
      case 'POST':
        send(response, query.has('uploads') ? this.#begin(key, request) : this.#complete(key, uploadId, request, body));
        return;
      case 'PUT':
        if (uploadId !== null) {
          const etag = this.#part(uploadId, Number(query.get('partNumber')), body);
          response.writeHead(200, { etag }).end();
        } else if (query.has('tagging')) this.#tag(response, key, body);
        else {
          this.put(key, body);
          response.writeHead(200, { etag: etagOf(body) }).end();
        }
        return;
      case 'DELETE':
        if (uploadId === null) this.objects.delete(key);
        else if (!this.#uploads.delete(uploadId)) throw new Refusal(404, 'NoSuchUpload');
        response.writeHead(204).end();
        return;
      default:
        throw new Refusal(405, 'MethodNotAllowed');
    }
  }

  #begin(key: string, request: IncomingMessage): string {
    const uploadId = randomUUID();
    const headers: Record<string, string> = {};
    for (const name of KEPT_HEADERS) if (request.headers[name] !== undefined) headers[name] = String(request.headers[name]);
    this.#uploads.set(uploadId, { key, headers, parts: new Map() });
    return `<?xml version="1.0"?><InitiateMultipartUploadResult><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;
  }

  #part(uploadId: string, partNumber: number, body: Buffer): string {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) throw new Refusal(404, 'NoSuchUpload');
    const etag = etagOf(body);
    upload.parts.set(partNumber, { content: this.#options.discardContent ? Buffer.alloc(0) : body, size: body.length, etag });
    return etag;
  }

  #complete(key: string, uploadId: string | null, request: IncomingMessage, body: Buffer): string {
    const upload = this.#uploads.get(uploadId ?? '');
    if (upload === undefined || upload.key !== key) throw new Refusal(404, 'NoSuchUpload');
    const condition = request.headers['if-none-match'];
    if (condition === '*' && this.objects.has(key)) throw new Refusal(412, 'PreconditionFailed');
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag>/g)];
    const parts = named.map(([, number, etag]) => {
      const part = upload.parts.get(Number(number));
      if (part === undefined || part.etag !== etag!.replaceAll('&#34;', '"')) throw new Refusal(400, 'InvalidPart');
      return part;
    });
    if (parts.slice(0, -1).some(({ size }) => size < 5 * 1024 * 1024)) throw new Refusal(400, 'EntityTooSmall');
    const content = Buffer.concat(parts.map((part) => part.content));
    const headers = condition === undefined ? upload.headers : { ...upload.headers, 'if-none-match': String(condition) };
    this.objects.set(key, { content, parts: parts.length, headers, tags: {}, etag: etagOf(content), lastModified: new Date() });
    this.completed.push(key);
    this.#uploads.delete(uploadId!);
    return `<?xml version="1.0"?><CompleteMultipartUploadResult><Key>${escapeXml(key)}</Key></CompleteMultipartUploadResult>`;
  }

  #tag(response: ServerResponse, key: string, body: Buffer): void {
    const object = this.objects.get(key);
    if (object === undefined) throw new Refusal(404, 'NoSuchKey');
    const pairs = [...body.toString().matchAll(/<Key>(.*?)<\/Key><Value>(.*?)<\/Value>/g)];
    object.tags = Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
    response.writeHead(200).end();
  }

  #sendObject(request: IncomingMessage, response: ServerResponse, key: string, withBody: boolean): void {
    const object = this.objects.get(key);
    if (object === undefined) throw new Refusal(404, 'NoSuchKey');
    if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== object.etag) {
      throw new Refusal(412, 'PreconditionFailed');
    }
    const { content, etag, lastModified } = object;
    const headers: Record<string, string> = { etag, 'last-modified': lastModified.toUTCString() };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null) {
      response.writeHead(200, { ...headers, 'content-length': String(content.length) }).end(withBody ? content : undefined);
      return;
    }
    const from = Number(range[1]);
    const to = Math.min(range[2] === '' ? content.length - 1 : Number(range[2]), content.length - 1);
    if (from >= content.length) throw new Refusal(416, 'InvalidRange');
    response
      .writeHead(206, { ...headers, 'content-length': String(to - from + 1), 'content-range': `bytes ${from}-${to}/${content.length}` })
      .end(withBody ? content.subarray(from, to + 1) : undefined);
  }

  #list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const max = Number(query.get('max-keys') ?? 1000);
    const prefixes = new Set<string>();
    const entries: string[] = [];
    let last = '';
    let truncated = false;
    for (const key of [...this.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      if (!key.startsWith(prefix) || key <= after) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (cut >= 0) {
        prefixes.add(key.slice(0, cut + delimiter.length));
        continue;
      }
      if (entries.length === max) {
        truncated = true;
        break;
      }
      const { content, etag, lastModified } = this.objects.get(key)!;
      entries.push(
        `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${lastModified.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${content.length}</Size></Contents>`,
      );
      last = key;
    }
    const groups = [...prefixes].map((group) => `<CommonPrefixes><Prefix>${encodeURIComponent(group)}</Prefix></CommonPrefixes>`);
    const next = truncated ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>` : '';
    return `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${truncated}</IsTruncated>${next}${entries.join('')}${groups.join('')}</ListBucketResult>`;
  }
}

function send(response: ServerResponse, xml: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(xml);
}

function etagOf(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function errorXml({ code, message }: Refusal): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
}
