import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';

/** A schema as `registry.before` and `registry.after` have it. */
export interface CaseSchema {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid?: string;
  readonly schemaType: 'AVRO' | 'JSON' | 'PROTOBUF';
  readonly schema: string;
  readonly references?: readonly unknown[];
  readonly metadata?: { readonly properties?: Readonly<Record<string, string>> };
}

/** An answer that is given instead of the registry's own. */
export interface CannedResponse {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
  /** How often; absent = always. */
  readonly times?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The registry that the cases ask for: as much of the REST API as their FORMAT.md lists, over HTTP on a free port. */
export class CaseRegistry {
  readonly entries: CaseSchema[];
  readonly requests: SeenRequest[] = [];
  readonly #canned: { readonly response: CannedResponse; left: number }[];
  readonly #guids: ReadonlyMap<number, string | undefined>;
  #server: Server | null = null;
  #url = '';

  /** `after`: what will be registered; only the GUIDs are taken from it, which the recorded registry made up. */
  constructor(before: readonly CaseSchema[], responses: readonly CannedResponse[], after: readonly CaseSchema[]) {
    this.entries = [...before];
    this.#guids = new Map(after.map(({ id, guid }) => [id, guid]));
    this.#canned = responses.map((response) => ({ response, left: response.times ?? Number.POSITIVE_INFINITY }));
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://registry');
    const method = request.method ?? 'GET';
    this.requests.push({ method, path: decodeURIComponent(url.pathname), authorization: request.headers.authorization ?? null });
    const canned = this.#canned.find(
      ({ response, left }) => left > 0 && response.method === method && response.path === decodeURIComponent(url.pathname),
    );
    if (canned !== undefined) {
      canned.left--;
      return { status: canned.response.status, body: canned.response.body };
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return this.#route(method, url, text === '' ? {} : (JSON.parse(text) as Partial<CaseSchema>));
  }

  #route(method: string, url: URL, body: Partial<CaseSchema>): Answer {
    const [first, second, third, fourth] = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (first === 'schemas' && (second === 'ids' || second === 'guids')) return this.#byId(second, third ?? '', fourth ?? null);
    if (first !== 'subjects' || second === undefined) return failed(404, 404, 'HTTP 404 Not Found');
    if (method === 'POST' && third === 'versions') return this.#register(second, body);
    if (method === 'POST' && third === undefined) return this.#lookUp(second, body);
    const inSubject = this.entries.filter(({ subject }) => subject === second).sort((a, b) => a.version - b.version);
    if (third === 'metadata') {
      const keys = url.searchParams.getAll('key');
      const values = url.searchParams.getAll('value');
      return found(
        inSubject.findLast(({ metadata }) => keys.every((key, i) => metadata?.properties?.[key] === values[i])),
        second,
      );
    }
    if (third !== 'versions' || fourth === undefined) return failed(404, 404, 'HTTP 404 Not Found');
    if (inSubject.length === 0 || fourth === 'latest') return found(inSubject.at(-1), second);
    const entry = inSubject.find(({ version }) => String(version) === fourth);
    return entry === undefined ? failed(404, 40402, `Version ${fourth} not found.`) : { status: 200, body: full(entry) };
  }

  #byId(kind: string, key: string, part: string | null): Answer {
    const entries = this.entries.filter(({ id, guid }) => (kind === 'ids' ? String(id) : guid) === key);
    if (entries.length === 0) return failed(404, 40403, `Schema ${key} not found`);
    if (part === 'versions') return { status: 200, body: entries.map(({ subject, version }) => ({ subject, version })) };
    const { schema, schemaType, references, metadata, guid } = entries[0]!;
    return { status: 200, body: { schema, ...(schemaType === 'AVRO' ? {} : { schemaType }), references, metadata, guid } };
  }

  #register(subject: string, body: Partial<CaseSchema>): Answer {
    const known = this.#same(subject, body);
    if (known !== undefined) return { status: 200, body: { id: known.id, version: known.version, guid: known.guid } };
    const schemaType = body.schemaType ?? 'AVRO';
    const elsewhere = this.entries.find((entry) => sameSchema(entry, body));
    const id = elsewhere?.id ?? Math.max(0, ...this.entries.map((entry) => entry.id)) + 1;
    const guid = elsewhere?.guid ?? this.#guids.get(id) ?? `00000000-0000-0000-0000-${String(id).padStart(12, '0')}`;
    const version = Math.max(0, ...this.entries.filter((entry) => entry.subject === subject).map((entry) => entry.version)) + 1;
    const references = body.references ?? [];
    this.entries.push({
      subject,
      version,
      id,
      guid,
      schemaType,
      schema: body.schema ?? '',
      ...(references.length > 0 ? { references } : {}),
    });
    return { status: 200, body: { id, version, guid } };
  }

  #lookUp(subject: string, body: Partial<CaseSchema>): Answer {
    if (!this.entries.some((entry) => entry.subject === subject)) return failed(404, 40401, `Subject '${subject}' not found.`);
    const known = this.#same(subject, body);
    return known === undefined ? failed(404, 40403, 'Schema not found') : { status: 200, body: full(known) };
  }

  #same(subject: string, body: Partial<CaseSchema>): CaseSchema | undefined {
    return this.entries.find((entry) => entry.subject === subject && sameSchema(entry, body));
  }
}

const full = (entry: CaseSchema) => (entry.schemaType === 'AVRO' ? { ...entry, schemaType: undefined } : entry);

function found(entry: CaseSchema | undefined, subject: string): Answer {
  return entry === undefined ? failed(404, 40401, `Subject '${subject}' not found.`) : { status: 200, body: full(entry) };
}

function failed(status: number, error_code: number, message: string): Answer {
  return { status, body: { error_code, message } };
}

function sameSchema(entry: CaseSchema, { schemaType = 'AVRO', schema = '', references = [] }: Partial<CaseSchema>): boolean {
  if (entry.schemaType !== schemaType || !isDeepStrictEqual(entry.references ?? [], references)) return false;
  if (schemaType === 'PROTOBUF') return entry.schema.replace(/\s+/g, '') === schema.replace(/\s+/g, '');
  return entry.schema === schema || isDeepStrictEqual(JSON.parse(entry.schema), JSON.parse(schema));
}
