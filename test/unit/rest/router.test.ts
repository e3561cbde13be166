import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../lib/core/logger.ts';
import { json, type RestRequest, type Route } from '../../../lib/rest/exchange.ts';
import { RestException } from '../../../lib/rest/rest-exception.ts';
import { createRouter } from '../../../lib/rest/router.ts';

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
  child: () => silent,
};

const routes: Route[] = [
  { method: 'GET', path: '/things/:thing', handle: async ({ params, query }) => json(200, { ...params, all: query.getAll('x') }) },
  { method: 'PUT', path: '/things/:thing', handle: async ({ body }) => json(200, JSON.parse(body)) },
  {
    method: 'POST',
    path: '/things/:thing/fail',
    handle: async ({ params }) => {
      throw params.thing === 'known' ? new RestException(418, 'short and stout') : new TypeError('a defect');
    },
  },
];

const router = createRouter(routes, silent);

function ask(method: string, path: string, more: Partial<RestRequest> = {}) {
  return router({ method, path, query: '', headers: {}, body: '', ...more });
}

describe('the router', () => {
  it('decodes path parameters and gives the query', async () => {
    const { body, status } = await ask('GET', '/things/a%20b+c%E6%97%A5', { query: 'x=1&x=2' });
    expect(status).toBe(200);
    expect(JSON.parse(body as string)).toEqual({ thing: 'a b+c日', all: ['1', '2'] });
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/things', 404],
    ['GET', '/things/a/b', 404],
    ['GET', '/things/../things', 404],
    ['GET', '/things//a', 400],
    ['GET', '/things/a%2Fb', 400],
    ['GET', '/things/%E0%A4%A', 400],
    ['DELETE', '/things/a', 405],
    ['PROPFIND', '/things/a', 405],
    ['DELETE', '/nothing', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body as string).error_code).toBe(status);
  });

  it('answers OPTIONS with what is allowed, and HEAD without a body', async () => {
    expect(await ask('OPTIONS', '/things/a')).toMatchObject({ status: 200, headers: { allow: 'HEAD,GET,PUT,OPTIONS' }, body: null });
    expect(await ask('HEAD', '/things/a')).toMatchObject({ status: 200, body: null });
    expect(await ask('HEAD', '/nothing')).toMatchObject({ status: 404, body: null });
  });

  it.each([
    ['text/plain', '{}', 415],
    [undefined, '{}', 415],
    ['application/json; charset=utf-8', '{}', 200],
    ['APPLICATION/JSON', '{}', 200],
  ])('takes bodies of %s with %s: %i', async (type, body, status) => {
    expect((await ask('PUT', '/things/a', { body, headers: { 'content-type': type } })).status).toBe(status);
  });

  it.each([
    ['*/*', 200],
    ['application/*', 200],
    ['text/html, application/json;q=0.5', 200],
    ['application/json;q=0', 406],
    ['text/html', 406],
  ])('answers Accept: %s with %i', async (accept, status) => {
    expect((await ask('GET', '/things/a', { headers: { accept } })).status).toBe(status);
  });

  it('turns errors into answers with their own status, others into 500', async () => {
    expect(await ask('POST', '/things/known/fail')).toMatchObject({ status: 418, body: '{"error_code":418,"message":"short and stout"}' });
    expect(await ask('POST', '/things/other/fail')).toMatchObject({ status: 500, body: '{"error_code":500,"message":"a defect"}' });
  });

  it('writes integers beyond 2^53 with all their digits', () => {
    expect(json(200, { position: 9007199254740993n }).body).toBe('{"position":9007199254740993}');
  });
});
