import type { Logger } from '../core/logger.ts';
import { errorResponse, httpError } from './error-response.ts';
import { empty, type RestRequest, type RestResponse, type Route } from './exchange.ts';

/** Answers any request; never rejects. */
export type RestHandler = (request: RestRequest) => Promise<RestResponse>;

interface Resource {
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

/** Encoded slashes, dots and backslashes: Jetty refuses them as ambiguous, so such names can never be addressed. */
const AMBIGUOUS = /%2f|%5c|%2e/i;
const UNREACHABLE_NAME =
  'a path may hold no empty segment and no encoded slash, backslash or dot: a connector with / or \\ in its name cannot be addressed by REST';

/** Makes a handler of routes: finds the resource, then the method, and answers HEAD, OPTIONS, 404, 405, 406 and 415 as Connect's server does. */
export function createRouter(
  routes: readonly Route[],
  logger: Logger,
  hideSecrets: (text: string) => string = (text) => text,
): RestHandler {
  const resources = new Map<string, Resource>();
  for (const route of routes) {
    const resource = resources.get(route.path) ?? { segments: split(route.path), routes: new Map() };
    resource.routes.set(route.method, route);
    resources.set(route.path, resource);
  }
  const all = [...resources.values()];
  return async (request) => {
    if (request.path.includes('//') || AMBIGUOUS.test(request.path)) return httpError(400, 'Bad Request', UNREACHABLE_NAME);
    const segments = decode(request.path);
    if (segments === null) return httpError(400, 'Bad Request');
    const found = find(all, segments);
    if (found === null) return withoutBodyForHead(request, httpError(404, 'Not Found'));
    const { params, resource } = found;
    if (request.method === 'OPTIONS') return empty(200, { 'content-type': 'application/json', allow: allowed(resource) });
    const route = resource.routes.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (route === undefined)
      return httpError(405, 'Method Not Allowed', `${request.method} is not among the methods of this path: ${allowed(resource)}`);
    if (hasWrongContentType(request)) return httpError(415, 'Unsupported Media Type', 'content-type must be application/json');
    if (!acceptsJson(request.headers.accept))
      return httpError(406, 'Not Acceptable', 'answers are application/json; the accept header does not allow it');
    try {
      const { body, caller } = request;
      const writer = caller === undefined ? 'REST' : `REST ${caller}`;
      const answer = await route.handle({ params, query: new URLSearchParams(request.query), body, writer });
      return withoutBodyForHead(request, answer);
    } catch (error) {
      const answer = errorResponse(error, hideSecrets);
      if (answer.status === 500) logger.debug('a request failed', { method: request.method, path: request.path, error: String(error) });
      return withoutBodyForHead(request, answer);
    }
  };
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function decode(path: string): string[] | null {
  try {
    return split(path).map(decodeURIComponent);
  } catch {
    return null;
  }
}

function find(resources: readonly Resource[], segments: readonly string[]): { resource: Resource; params: Record<string, string> } | null {
  for (const resource of resources) {
    const params = match(resource.segments, segments);
    if (params !== null) return { resource, params };
  }
  return null;
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] as string;
    if (segment === '.' || segment === '..') return null;
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}

function allowed({ routes }: Resource): string {
  return [...(routes.has('GET') ? ['HEAD'] : []), ...routes.keys(), 'OPTIONS'].join(',');
}

function withoutBodyForHead(request: RestRequest, answer: RestResponse): RestResponse {
  return request.method === 'HEAD' ? { ...answer, body: null } : answer;
}

function hasWrongContentType({ body, headers, method }: RestRequest): boolean {
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return false;
  const type = headers['content-type'];
  if (type === undefined) return body !== '';
  return type.split(';')[0]?.trim().toLowerCase() !== 'application/json';
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) return false;
    return type === '*/*' || type === 'application/*' || type === 'application/json';
  });
}
