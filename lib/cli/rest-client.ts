import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConnectException } from '../core/errors.ts';
import { parseKeepingIntegers } from '../state/offset-json.ts';
import { sendHttp } from './http.ts';
import { jsonText } from './output/present.ts';

/** What the REST API refused, in its own words. */
export class RestFailure extends ConnectException {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, { code: `rest-${status}` });
    this.status = status;
  }
}

/** Where the REST API is, and how requests prove who sends them. */
export interface RestTarget {
  /** A path in it stands before every request's. */
  readonly base: URL;
  /** For people: the address, or the stack. */
  readonly label: string;
  /** Headers to add to a request, made anew for each. */
  authorize(request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  }): Promise<Readonly<Record<string, string>>>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Kafka Connect's REST API over HTTP. Integers beyond 2^53 in answers are bigints. */
export class RestClient {
  readonly target: RestTarget;

  constructor(target: RestTarget) {
    this.target = target;
  }

  /** Answers the parsed body; null = none. Throws RestFailure, or ConnectException (`unreachable`). */
  async call(method: Method, path: string, body?: unknown): Promise<unknown> {
    const { base } = this.target;
    const text = body === undefined ? null : jsonText(body, 0);
    const headers = { host: base.host, accept: 'application/json', ...(text === null ? {} : { 'content-type': 'application/json' }) };
    const target = `${base.pathname.replace(/\/$/, '')}${path}`;
    const authorized = await this.target.authorize({ method, target, headers, body: text });
    const answer = await sendHttp({ method, origin: base, target, headers: { ...headers, ...authorized }, body: text });
    return this.#read(answer.status, answer.body.toString());
  }

  /** As {@link RestClient.call} below `/connectors/NAME`; a name that does not exist is refused with the nearest ones that do. */
  async connector(method: Method, name: string, below = '', body?: unknown): Promise<unknown> {
    try {
      return await this.call(method, `/connectors/${encodeURIComponent(name)}${below}`, body);
    } catch (error) {
      if (!(error instanceof RestFailure) || error.status !== 404) throw error;
      const names = (await this.call('GET', '/connectors')) as string[];
      if (names.includes(name)) throw error;
      throw new RestFailure(404, `there is no connector '${name}'; ${suggestion(name, names)}`);
    }
  }

  #read(status: number, text: string): unknown {
    let value: unknown = null;
    try {
      value = text.trim() === '' ? null : parseKeepingIntegers(text);
    } catch {
      const said = text.replace(/\s+/g, ' ').slice(0, 120);
      throw new RestFailure(status, `${this.target.label} answered ${status} with what is no JSON (is it a Connect REST API?): ${said}`);
    }
    if (status < 300) return value;
    const { message, Message } = (value ?? {}) as { message?: unknown; Message?: unknown };
    const said = typeof message === 'string' ? message : typeof Message === 'string' ? Message : `HTTP ${status}`;
    if (status === 502 || status === 503 || status === 504)
      throw new ConnectException(`${this.target.label} is not ready: ${said}`, { code: 'unreachable' });
    if (status === 401 || status === 403)
      throw new RestFailure(status, `${this.target.label} refused the credentials (${status}): ${said}`);
    throw new RestFailure(status, said);
  }
}

function suggestion(name: string, names: readonly string[]): string {
  const near = nearestNames(name, names);
  if (near.length > 0) return `did you mean ${near.map((each) => `'${each}'`).join(' or ')}?`;
  if (names.length === 0) return 'there are none at all';
  return `there are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
}
