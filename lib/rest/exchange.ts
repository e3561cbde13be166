/** A request as the router needs it; whoever listens (a server, a function) makes one. */
export interface RestRequest {
  readonly method: string;
  /** As it was sent: percent-encoded, without query. */
  readonly path: string;
  /** Without the question mark; empty = none. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** UTF-8 text; empty = none. */
  readonly body: string;
  /** Who asks, where somebody looked at credentials: an ARN. */
  readonly caller?: string;
}

/** The answer to a request. */
export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; null = no body. */
  readonly body: string | null;
}

/** What a route is given. */
export interface RouteCall {
  /** Decoded path parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: string;
  /** Recorded beside what the call writes: `REST`, with the caller where there is one. */
  readonly writer: string;
}

/** One method of one resource. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/connectors/:connector/status`; a name behind a colon is a parameter. */
  readonly path: string;
  readonly handle: (call: RouteCall) => Promise<RestResponse>;
}

/** Of ES2025, unknown to TypeScript's library so far: a number with all its digits. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** An answer with a JSON body; bigints become numbers with all their digits. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): RestResponse {
  const body = JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? rawJSON(member.toString()) : member));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** An answer without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): RestResponse {
  return { status, headers, body: null };
}
