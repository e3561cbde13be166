import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configProviderCall } from '../../../lib/aws/config-provider-call.ts';

const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    seen.push({ headers: request.headers, body });
    const known = body.includes('shop/db');
    response.statusCode = known ? 200 : 400;
    response.end(known ? '{"SecretString":"x"}' : '{"__type":"ResourceNotFoundException"}');
  });
});
let env: Record<string, string>;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL_SECRETSMANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
});
afterAll(() => server.close());

const reading = (name: string, region: string | null = null) => ({
  service: 'secretsmanager',
  target: 'secretsmanager.GetSecretValue',
  body: { SecretId: name },
  doing: `reading secret ${name}`,
  region,
});

describe('configProviderCall', () => {
  it('signs a call of the JSON protocol for the region of the provider', async () => {
    expect(await configProviderCall(env)(reading('shop/db', 'eu-central-1'))).toEqual({ SecretString: 'x' });
    const { headers, body } = seen.at(-1) as (typeof seen)[number];
    expect(headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(headers.authorization).toMatch(/Credential=id\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request/);
    expect(body).toBe('{"SecretId":"shop/db"}');
  });

  it('says what was refused', async () => {
    await expect(configProviderCall(env)(reading('none'))).rejects.toThrow(
      /^reading secret none failed: secretsmanager answered 400 .*ResourceNotFoundException/,
    );
  });

  it('says that credentials are missing', async () => {
    await expect(configProviderCall({ AWS_REGION: 'x' })(reading('shop/db'))).rejects.toThrow(
      /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/,
    );
  });
});
