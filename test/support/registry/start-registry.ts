import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AVRO_SCHEMAS } from '../../../lib/converters/avro/parsed-avro.ts';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import { type Entry, RegistryError, RegistryStore, type SchemaRequest } from './registry-store.ts';

export interface RegistryOptions {
  /** `user:password`; requests without it are refused with 401. */
  readonly userInfo?: string;
  /** Whether an `Authorization` header lets in; by default `userInfo` decides. */
  readonly lets?: (authorization: string) => boolean;
  /** Serves HTTPS with these. */
  readonly tls?: ServerOptions;
  /** Kinds that are parsed and checked besides AVRO. */
  readonly providers?: readonly SchemaProvider<ParsedSchema>[];
}

export interface RunningRegistry {
  readonly url: string;
  readonly store: RegistryStore;
  /** `METHOD path` of everything asked so far. */
  readonly requests: readonly string[];
  /** The next requests are answered with this instead; null = normally again. */
  failWith(status: number | null): void;
  stop(): Promise<void>;
}

/** A schema registry on 127.0.0.1 that speaks Confluent's published REST API. */
export async function startRegistry({ userInfo, lets, tls, providers = [] }: RegistryOptions = {}): Promise<RunningRegistry> {
  const store = new RegistryStore([AVRO_SCHEMAS as unknown as SchemaProvider<ParsedSchema>, ...providers]);
  const requests: string[] = [];
  let failure: number | null = null;
  const letsIn = lets ?? ((given: string) => userInfo === undefined || given === `Basic ${Buffer.from(userInfo).toString('base64')}`);
  const answerRequest: RequestListener = async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    let status = 200;
    let body: unknown;
    try {
      if (failure !== null) throw new RegistryError(failure, failure === 500 ? 50001 : failure, 'asked to fail');
      if (!letsIn(request.headers.authorization ?? '')) throw new RegistryError(401, 401, 'Unauthorized');
      const text = await textOf(request);
      body = answer(store, request.method ?? 'GET', new URL(request.url ?? '/', 'http://registry'), text === '' ? null : JSON.parse(text));
    } catch (error) {
      const known = error instanceof RegistryError ? error : new RegistryError(500, 50001, String(error));
      status = known.status;
      body = { error_code: known.errorCode, message: known.message };
    }
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(body));
  };
  const server: Server = tls === undefined ? createServer(answerRequest) : createTlsServer(tls, answerRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    store,
    requests,
    failWith(status) {
      failure = status;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(store: RegistryStore, method: string, url: URL, body: unknown): unknown {
  const flag = (name: string) => url.searchParams.get(name)?.toLowerCase() === 'true';
  const [area, ...rest] = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const request = (body ?? {}) as SchemaRequest;
  if (area === 'subjects') return subjects(store, method, rest, request, url);
  if (area === 'schemas') return schemas(store, method, rest, url);
  if (area === 'config') return level(store, method, rest[0] ?? '', body, flag('defaultToGlobal'));
  if (area === 'mode') return mode(store, method, rest[0] ?? '', body, flag('force'), flag('defaultToGlobal'));
  if (area === 'compatibility' && method === 'POST') {
    const [, subject = '', , which] = rest;
    const compared = which === undefined ? store.versions(subject) : [store.version(subject, which)];
    const reasons = store.incompatibilities(subject, request, compared);
    return { is_compatible: reasons.length === 0, ...(flag('verbose') ? { messages: reasons } : {}) };
  }
  throw notFound();
}

function subjects(
  store: RegistryStore,
  method: string,
  [subject, part, which, extra]: string[],
  request: SchemaRequest,
  url: URL,
): unknown {
  const flag = (name: string) => url.searchParams.get(name)?.toLowerCase() === 'true';
  if (subject === undefined) {
    const prefix = url.searchParams.get('subjectPrefix') ?? '';
    return store.subjects(flag('deleted')).filter((name) => name.startsWith(prefix));
  }
  if (part === undefined && method === 'DELETE') return store.deleteSubject(subject, flag('permanent'));
  if (part === undefined && method === 'POST')
    return shown(store.lookUp(subject, request, { deleted: flag('deleted'), normalize: flag('normalize') }));
  if (part === 'metadata') return shown(latestWithMetadata(store, subject, url));
  if (part !== 'versions') throw notFound();
  if (which === undefined && method === 'GET') return store.versions(subject, flag('deleted')).map(({ version }) => version);
  if (which === undefined && method === 'POST') {
    if (typeof request.schema !== 'string') throw new RegistryError(422, 42201, 'Empty schema');
    const { id, version, guid, schema, ruleSet } = store.register(subject, request, flag('normalize'));
    const differs = schema !== request.schema || ruleSet !== null;
    return { id, version, guid, ...(differs ? { schema, schemaType: request.schemaType ?? 'AVRO', ruleSet } : {}) };
  }
  if (which !== undefined && method === 'DELETE') return store.deleteVersion(subject, which, flag('permanent'));
  const entry = store.version(subject, which as string, flag('deleted'));
  if (extra === 'schema') return JSON.parse(entry.schema);
  return extra === 'referencedby' ? store.referencedBy(entry) : shown(entry);
}

function latestWithMetadata(store: RegistryStore, subject: string, url: URL): Entry {
  const keys = url.searchParams.getAll('key');
  const values = url.searchParams.getAll('value');
  const all = store.versions(subject, url.searchParams.get('deleted')?.toLowerCase() === 'true');
  const found = all.findLast(({ metadata }) => keys.every((key, index) => metadata?.properties?.[key] === values[index]));
  if (found === undefined) throw new RegistryError(404, 40401, `Subject '${subject}' not found.`);
  return found;
}

function schemas(store: RegistryStore, method: string, [kind, which, part]: string[], url: URL): unknown {
  if (method !== 'GET') throw notFound();
  if (kind === 'types') return ['JSON', 'PROTOBUF', 'AVRO'];
  if (kind === 'guids' && which !== undefined) return withoutPlace(store.byGuid(which));
  if (kind !== 'ids' || which === undefined) throw notFound();
  const entry = store.byId(Number(which));
  if (part === undefined) return withoutPlace(entry);
  const deleted = url.searchParams.get('deleted')?.toLowerCase() === 'true';
  const places = store.entries.filter(({ id, deleted: gone }) => id === entry.id && (deleted || !gone));
  if (part === 'versions') return places.map(({ subject, version }) => ({ subject, version }));
  if (part === 'subjects') return [...new Set(places.map(({ subject }) => subject))];
  if (part === 'schema') return JSON.parse(entry.schema);
  throw notFound();
}

function level(store: RegistryStore, method: string, subject: string, body: unknown, orGlobal: boolean): unknown {
  if (method === 'PUT') {
    const { compatibility } = (body ?? {}) as { compatibility?: string };
    store.setLevel(subject, compatibility ?? '');
    return { compatibility };
  }
  const own = orGlobal ? store.level(subject) : store.ownLevel(subject);
  if (own === null) throw new RegistryError(404, 40408, `Subject '${subject}' does not have subject-level compatibility configured`);
  if (method === 'DELETE') store.setLevel(subject, subject === '' ? 'BACKWARD' : null);
  return { compatibilityLevel: own };
}

function mode(store: RegistryStore, method: string, subject: string, body: unknown, force: boolean, orGlobal: boolean): unknown {
  if (method === 'PUT') {
    const { mode: asked } = (body ?? {}) as { mode?: string };
    store.setMode(subject, asked ?? '', force);
    return { mode: asked };
  }
  const own = orGlobal ? store.mode(subject) : store.ownMode(subject);
  if (own === null) throw new RegistryError(404, 40409, `Subject '${subject}' does not have subject-level mode configured`);
  if (method === 'DELETE') store.setMode(subject, subject === '' ? 'READWRITE' : null, true);
  return { mode: own };
}

function shown(entry: Entry): unknown {
  const { subject, version, id } = entry;
  return { subject, version, id, ...(withoutPlace(entry) as object) };
}

function withoutPlace({ schema, schemaType, references, guid, metadata, ruleSet }: Entry): unknown {
  return {
    schema,
    guid,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
  };
}

function notFound(): RegistryError {
  return new RegistryError(404, 404, 'HTTP 404 Not Found');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
