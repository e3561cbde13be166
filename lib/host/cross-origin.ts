import type { ConnectorProps } from '../core/connector.ts';
import type { RestHandler } from '../rest/router.ts';

const DEFAULT_METHODS = 'GET,POST,HEAD';
/** What Jetty's filter, which Connect uses, lets a page send and how long a browser may remember it. */
const ALLOWED_HEADERS = 'X-Requested-With,Content-Type,Accept,Origin';
const MAX_AGE_SECONDS = '1800';

/**
 * Adds what browsers ask for before a page of another origin may read an answer (`access.control.allow.origin`,
 * `access.control.allow.methods`). Without the first key nothing is added, and browsers keep other pages out.
 */
export function crossOrigin(worker: ConnectorProps, handler: RestHandler): RestHandler {
  const origins = (worker['access.control.allow.origin'] ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  if (origins.length === 0) return handler;
  const methods = worker['access.control.allow.methods'] || DEFAULT_METHODS;
  return async (request) => {
    const answer = await handler(request);
    const vary: Record<string, string> = origins.includes('*') ? {} : { vary: 'Origin' };
    const { origin } = request.headers;
    if (origin === undefined || !origins.some((allowed) => matches(allowed, origin))) {
      return { ...answer, headers: { ...answer.headers, ...vary } };
    }
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    const preflight: Record<string, string> = isPreflight
      ? {
          'access-control-allow-methods': methods,
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': MAX_AGE_SECONDS,
        }
      : {};
    const allowed = { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', ...preflight };
    return { ...answer, headers: { ...answer.headers, ...vary, ...allowed } };
  };
}

/** `*` stands for any run of characters. */
function matches(allowed: string, origin: string): boolean {
  if (!allowed.includes('*')) return allowed === origin;
  const pattern = allowed.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(origin);
}
