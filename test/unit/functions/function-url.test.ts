import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { answerOf, type FunctionUrlEvent, requestOf } from '../../../functions/function-url.ts';

const event: FunctionUrlEvent = {
  rawPath: '/connectors/a%20b/config',
  rawQueryString: 'expand=info&expand=status',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'PUT' }, authorizer: { iam: { userArn: 'arn:aws:iam::111122223333:user/ops' } } },
  body: '{"a":"ä"}',
  isBase64Encoded: false,
};
const request = requestOf(event);
const answer = (body: string | null) => ({ status: 200, headers: { 'content-type': 'application/json' }, body });

describe('a request to a function URL', () => {
  it('is what the router understands, with its caller', () => {
    expect(request).toEqual({
      method: 'PUT',
      path: '/connectors/a%20b/config',
      query: 'expand=info&expand=status',
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ä"}',
      caller: 'arn:aws:iam::111122223333:user/ops',
    });
  });

  it('may carry its body in base64, or none', () => {
    expect(requestOf({ ...event, body: Buffer.from('{"a":"ä"}').toString('base64'), isBase64Encoded: true }).body).toBe('{"a":"ä"}');
    const { body: _, ...without } = event;
    expect(requestOf(without).body).toBe('');
  });

  it('has no caller where nobody looked at credentials', () => {
    expect(requestOf({ ...event, requestContext: { http: { method: 'GET' } } })).not.toHaveProperty('caller');
  });

  it('whose path was decoded on the way is encoded again', () => {
    expect(requestOf({ ...event, rawPath: '/connectors/a b/ü' }).path).toBe('/connectors/a%20b/%C3%BC');
    expect(requestOf({ ...event, rawPath: '/connectors/100%' }).path).toBe('/connectors/100%25');
  });
});

describe('an answer to a function URL', () => {
  it('is status, headers and body', () => {
    expect(answerOf(answer('[]'), request)).toEqual({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '[]' });
    expect(answerOf(answer(null), request)).toEqual({ statusCode: 200, headers: { 'content-type': 'application/json' } });
  });

  it('beyond 6 MB is compressed for who takes that', () => {
    const large = JSON.stringify('x'.repeat(7_000_000));
    const compressed = answerOf(answer(large), { ...request, headers: { 'accept-encoding': 'gzip, deflate' } });

    expect(compressed).toMatchObject({ statusCode: 200, headers: { 'content-encoding': 'gzip' }, isBase64Encoded: true });
    expect(gunzipSync(Buffer.from(compressed.body ?? '', 'base64')).toString()).toBe(large);
    expect(answerOf(answer(large), request)).toMatchObject({ statusCode: 500, headers: { 'x-problem': expect.stringContaining('gzip') } });
  });
});
