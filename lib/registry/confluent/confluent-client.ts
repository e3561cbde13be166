import type { Clock, Random } from '../../core/clock.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import { ConfigException } from '../../core/errors.ts';
import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { RegistryAccessException, RegistryUnreachable, RestClientException } from '../registry-errors.ts';
import type {
  RegisteredId,
  RegisteredSchema,
  SchemaKind,
  SchemaReference,
  SchemaRegistry,
  SchemaRule,
  SchemaText,
} from '../schema-registry.ts';
import { type Authorization, authorizationOf } from './authorization.ts';
import { type HttpAnswer, type HttpSettings, sendHttp } from './http-client.ts';
import { tlsOptions } from './tls-options.ts';

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
/** Statuses that a later try may not see again; every other error is the registry's word. */
const RETRIABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** A schema in an answer of the REST API; AVRO where no type is named. */
interface SchemaJson {
  readonly id?: number;
  readonly guid?: string;
  readonly version?: number;
  readonly schema?: string;
  readonly schemaType?: SchemaKind;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: { readonly properties?: Readonly<Record<string, string>> } | null;
  readonly ruleSet?: Readonly<Record<string, readonly RuleJson[] | string | null>> | null;
}

interface RuleJson {
  readonly name?: string;
  readonly type?: string;
  readonly mode?: SchemaRule['mode'];
  readonly disabled?: boolean;
}

/** What a client takes from outside. */
export interface ClientDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Confluent's schema registry over its REST API, and everything that speaks it (Karapace, Apicurio's compatible API). Several URLs are tried in
 * turn, each with retries. Remembers what cannot change, for as long as the converter it belongs to lives.
 */
export class ConfluentClient implements SchemaRegistry {
  readonly #urls: readonly URL[];
  #current: number;
  readonly #http: HttpSettings;
  readonly #authorize: Authorization;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #deps: ClientDeps;
  readonly #retries: { readonly max: number; readonly waitMs: number; readonly maxWaitMs: number };
  readonly #cacheSize: number;
  readonly #known = new Map<string, unknown>();
  #noAssociations = false;

  /** `config` was parsed with the keys of `registry-config.ts`. Connects to nothing. */
  constructor(config: ParsedConfig, deps: ClientDeps) {
    refuseRules(config);
    const urls = config.getList('schema.registry.url').filter((url) => url.trim() !== '');
    if (urls.length === 0) throw new IllegalArgumentException('Expected at least one URL to be passed in constructor');
    this.#urls = urls.map(parseUrl);
    this.#current = config.getBoolean('schema.registry.url.randomize') ? Math.floor(deps.random() * urls.length) : 0;
    const proxyHost = config.getString('proxy.host');
    this.#http = {
      connectTimeoutMs: config.getNumber('http.connect.timeout.ms'),
      readTimeoutMs: config.getNumber('http.read.timeout.ms'),
      tls: tlsOptions(config),
      proxy: proxyHost ? { host: proxyHost, port: config.getNumber('proxy.port') } : null,
    };
    this.#authorize = authorizationOf(config, this.#http, deps.clock);
    this.#headers = { 'content-type': CONTENT_TYPE, accept: `${CONTENT_TYPE}, application/json`, ...config.withPrefix('request.header.') };
    this.#retries = {
      max: config.getNumber('max.retries'),
      waitMs: config.getNumber('retries.wait.ms'),
      maxWaitMs: config.getNumber('retries.max.wait.ms'),
    };
    this.#cacheSize = config.getNumber('max.schemas.per.subject');
    this.#deps = deps;
  }

  schemaById(id: number, subject: string | null): Promise<RegisteredSchema> {
    return this.#remembered(`id ${id} ${subject}`, async () => {
      const query = subject === null ? 'fetchMaxId=false' : `fetchMaxId=false&subject=${encodeURIComponent(subject)}`;
      return registered(await this.#ask<SchemaJson>('GET', `/schemas/ids/${id}?${query}`), { id });
    });
  }

  schemaByGuid(guid: string): Promise<RegisteredSchema> {
    return this.#remembered(`guid ${guid}`, async () => registered(await this.#ask<SchemaJson>('GET', `/schemas/guids/${guid}`), { guid }));
  }

  register(subject: string, schema: SchemaText, { normalize }: { readonly normalize: boolean }): Promise<RegisteredId> {
    return this.#remembered(`register ${normalize} ${subject} ${textKey(schema)}`, async () => {
      const path = `/subjects/${encodeURIComponent(subject)}/versions?normalize=${normalize}`;
      return registeredId(await this.#ask<SchemaJson>('POST', path, bodyOf(schema)), schema);
    });
  }

  lookUp(
    subject: string,
    schema: SchemaText,
    { normalize, deleted }: { readonly normalize: boolean; readonly deleted: boolean },
  ): Promise<RegisteredId> {
    return this.#remembered(`look up ${normalize} ${deleted} ${subject} ${textKey(schema)}`, async () => {
      const path = `/subjects/${encodeURIComponent(subject)}?normalize=${normalize}&deleted=${deleted}`;
      return registeredId(await this.#ask<SchemaJson>('POST', path, bodyOf(schema)), schema);
    });
  }

  async latest(subject: string): Promise<RegisteredSchema> {
    return registered(await this.#ask<SchemaJson>('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`), {});
  }

  async latestWithMetadata(subject: string, properties: Readonly<Record<string, string>>): Promise<RegisteredSchema> {
    const query = Object.entries(properties).flatMap(([key, value]) => [
      `key=${encodeURIComponent(key)}`,
      `value=${encodeURIComponent(value)}`,
    ]);
    const path = `/subjects/${encodeURIComponent(subject)}/metadata?${query.join('&')}&deleted=true`;
    return registered(await this.#ask<SchemaJson>('GET', path), {});
  }

  version(subject: string, version: number): Promise<RegisteredSchema> {
    return this.#remembered(`version ${version} ${subject}`, async () =>
      registered(await this.#ask<SchemaJson>('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`), {}),
    );
  }

  async associatedSubject(topic: string, isKey: boolean, clusterId: string | null): Promise<string | null> {
    if (this.#noAssociations) return null;
    const type = isKey ? 'key' : 'value';
    const path = `/associations/resources/${encodeURIComponent(clusterId ?? '-')}/${encodeURIComponent(topic)}?resourceType=topic&associationType=${type}`;
    let found: readonly { readonly subject: string }[];
    try {
      found = await this.#ask('GET', path);
    } catch (error) {
      if (!(error instanceof RestClientException) || error.status !== 404) throw error;
      // most registries know no associations at all; the first answer is enough
      this.#noAssociations = error.errorCode === 404;
      return null;
    }
    if (found.length > 1) throw new ConfigException(`Multiple associated subjects found for topic ${topic}`);
    return found[0]?.subject ?? null;
  }

  /** Asks once for what cannot change; the oldest are forgotten, and a failure is never kept. */
  async #remembered<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known !== undefined) return known as T;
    const found = await ask();
    if (this.#known.size >= this.#cacheSize * 4) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(key, found);
    return found;
  }

  async #ask<T>(method: 'GET' | 'POST', path: string, body: string | null = null): Promise<T> {
    let failure: unknown;
    for (let tried = 0; tried < this.#urls.length; tried++) {
      try {
        return await this.#retried(() => this.#send<T>(this.#urls[this.#current] as URL, method, path, body));
      } catch (error) {
        if (!mayPass(error)) throw error;
        failure = error;
        this.#current = (this.#current + 1) % this.#urls.length;
      }
    }
    throw failure;
  }

  async #retried<T>(send: () => Promise<T>): Promise<T> {
    const { max, waitMs, maxWaitMs } = this.#retries;
    for (let attempt = 0; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (!mayPass(error) || attempt >= max) throw error;
        const ceiling = Math.min(waitMs * 2 ** Math.min(attempt, 30), maxWaitMs);
        if (ceiling > 0) await this.#deps.clock.sleep(Math.floor(this.#deps.random() * ceiling) + 1);
      }
    }
  }

  async #send<T>(base: URL, method: string, path: string, body: string | null): Promise<T> {
    const prefix = base.pathname.replace(/\/$/, '');
    const url = new URL(`${base.origin}${prefix}${path}`);
    const authorization = await this.#authorize(userInfoOf(base));
    let answer: HttpAnswer;
    try {
      answer = await sendHttp(method, url, { ...this.#headers, ...authorization }, body, this.#http);
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      if (isTlsRefusal(error as NodeJS.ErrnoException)) {
        throw new RegistryAccessException(`no TLS connection to ${url.host}, see schema.registry.ssl.*: ${reason}`, 401, { cause: error });
      }
      throw new RegistryUnreachable(reason, { cause: error });
    }
    if (answer.status >= 300) throw refusal(answer);
    try {
      return JSON.parse(answer.text) as T;
    } catch (error) {
      throw new RegistryUnreachable(`the answer of ${url.host} to ${method} ${path} is no JSON`, { cause: error });
    }
  }
}

/** Rules (encryption of fields, checks, migrations) are Java code: data would be written without what they promise. */
function refuseRules(config: ParsedConfig): void {
  for (const key of ['rule.executors', 'rule.actions']) {
    if (config.getList(key).length > 0)
      throw ConfigException.invalid(key, config.getList(key).join(','), 'rules of schemas are not supported here');
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text.trim()) || !/^https?:/i.test(text.trim())) {
    throw ConfigException.invalid('schema.registry.url', text, 'a URL that begins with http:// or https:// is needed');
  }
  return new URL(text.trim());
}

function userInfoOf({ username, password }: URL): string {
  return username === '' ? '' : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

function mayPass(error: unknown): boolean {
  return error instanceof RegistryUnreachable || (error instanceof RestClientException && RETRIABLE_STATUSES.has(error.status));
}

/** Java's words for the commonest reason; the host name is in no other message of it. */
function reasonOf(error: NodeJS.ErrnoException): string {
  const codes = [error.code, ...((error as { errors?: NodeJS.ErrnoException[] }).errors ?? []).map(({ code }) => code)];
  return codes.includes('ECONNREFUSED') ? 'Connection refused' : error.message || String(error.code);
}

/** Certificates that one side does not accept, or a port that speaks no TLS: no later try sees them otherwise. */
function isTlsRefusal({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/.test(code);
}

function refusal({ status, text }: HttpAnswer): RestClientException {
  let parsed: { readonly error_code?: unknown; readonly message?: unknown } | null = null;
  try {
    parsed = JSON.parse(text);
  } catch {}
  if (parsed === null || typeof parsed !== 'object' || typeof parsed.error_code !== 'number') {
    return new RestClientException(`Unable to parse error message from schema registry: '(${text.slice(0, 500)})'`, status, 50005);
  }
  return new RestClientException(String(parsed.message), status, parsed.error_code);
}

function bodyOf({ schemaType, schema, references }: SchemaText): string {
  return JSON.stringify({ ...(schemaType === 'AVRO' ? {} : { schemaType }), ...(references.length > 0 ? { references } : {}), schema });
}

function textKey({ schemaType, schema, references }: SchemaText): string {
  return references.length === 0 ? `${schemaType} ${schema}` : `${schemaType} ${JSON.stringify(references)} ${schema}`;
}

function registered(json: SchemaJson, asked: { readonly id?: number; readonly guid?: string }): RegisteredSchema {
  return {
    id: json.id ?? asked.id ?? -1,
    guid: json.guid ?? asked.guid ?? null,
    version: json.version ?? null,
    schemaType: json.schemaType ?? 'AVRO',
    schema: json.schema ?? '',
    references: json.references ?? [],
    metadata: json.metadata?.properties ?? null,
    rules: rulesOf(json),
  };
}

function registeredId(json: SchemaJson, sent: SchemaText): RegisteredId {
  const { id = -1, guid = null, version = null } = json;
  const differs = (json.schema !== undefined && json.schema !== sent.schema) || rulesOf(json).length > 0;
  return { id, guid, version, schema: differs ? registered({ ...json, schema: json.schema ?? sent.schema }, {}) : null };
}

/** The enabled rules of `migrationRules`, `domainRules` and `encodingRules`; `enableAt` beside them is no list. */
function rulesOf({ ruleSet }: SchemaJson): readonly SchemaRule[] {
  const all = Object.values(ruleSet ?? {}).flatMap((rules) => (Array.isArray(rules) ? (rules as readonly RuleJson[]) : []));
  return all.filter(({ disabled }) => disabled !== true).map(({ name = '', type = '', mode = 'WRITEREAD' }) => ({ name, type, mode }));
}
