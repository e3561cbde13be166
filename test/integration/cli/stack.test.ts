import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAccess } from '../../../lib/cli/aws-access.ts';
import { signedTarget } from '../../../lib/cli/signed-target.ts';
import { startProxy } from '../../../lib/cli/signing-proxy.ts';
import { runHere } from '../../support/cli/run-here.ts';

const SECRET = 'a-secret-key';
const REPORT = {
  connector: 'orders source',
  outcome: 'caught-up',
  task: 0,
  figures: { recordsIn: 5, recordsOut: 5, bytes: 10, deadLetters: 0, retries: 0, lag: null, duplicatesSkipped: 0, rewinds: 0 },
  fannedOut: 0,
  handedOver: false,
};

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Checks a signature as AWS describes it (SigV4), from what arrived. */
function isSigned({ headers, method, url = '/' }: IncomingMessage, body: Buffer): boolean {
  const given = /Credential=id\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)/.exec(
    headers.authorization ?? '',
  );
  if (given === null) return false;
  const [, date, region, service, names, signature] = given as unknown as [string, string, string, string, string, string];
  const [path = '/', query = ''] = url.split('?');
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonicalQuery = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const lines = names.split(';').map((name) => `${name}:${headers[name]}`);
  const canonical = [method, path.split('/').map(encode).join('/'), canonicalQuery.join('&'), ...lines, '', names, sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${SECRET}`);
  const wanted = hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')).toString('hex');
  return wanted === signature;
}

describe('a deployed pipeline', () => {
  /** CloudFormation, Lambda and a function URL at one address. */
  const aws = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const answer = (status: number, text: string, headers = {}) => response.writeHead(status, headers).end(text);
    if (!isSigned(request, body)) return answer(403, '{"Message":"Forbidden"}');
    const form = new URLSearchParams(body.toString());
    if (form.get('Action') === 'DescribeStacks' && form.get('StackName') !== 'orders')
      return answer(400, '<Message>no such stack</Message>');
    if (form.get('Action') === 'DescribeStacks')
      return answer(200, `<Outputs><member><OutputKey>ControlUrl</OutputKey><OutputValue>${base()}/</OutputValue></member></Outputs>`);
    const resource =
      '<ResourceType>AWS::Lambda::Function</ResourceType><PhysicalResourceId>orders-orders-source-01234567</PhysicalResourceId>';
    if (form.get('Action') === 'ListStackResources')
      return answer(200, `<StackResourceSummaries><member>${resource}</member></StackResourceSummaries>`);
    if (request.url?.startsWith('/2015-03-31/functions/orders-orders-source-01234567/invocations'))
      return answer(200, JSON.stringify(REPORT));
    if (request.url === '/connectors') return answer(200, '["a b"]');
    if (request.url === '/connectors/a%20b/status')
      return answer(200, '{"name":"a b","type":"sink","connector":{"state":"RUNNING"},"tasks":[]}');
    if (request.url === '/connectors?expand=info&expand=status') return answer(200, '{}', { 'x-seen': body.toString() });
    return answer(409, JSON.stringify({ error_code: 409, message: `${request.method} ${request.url} is fixed by the deployment` }));
  });
  const base = () => `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
  const env = (secret = SECRET) => ({
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: base(),
  });
  const cli = (...argv: string[]) => runHere(argv, { env: env() });

  beforeAll(() => new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    aws.closeAllConnections();
    aws.close();
  });

  it('is found by the name of its stack, and asked with signed requests', async () => {
    expect(await cli('list', '--output', 'names', '--stack', 'orders')).toEqual({ code: 0, out: 'a b\n', err: '' });
    expect((await cli('status', 'a b', '--stack', 'orders', '--output', 'json')).code).toBe(0);
    expect(await cli('list', '--output', 'json', '--stack', 'orders')).toEqual({ code: 0, out: '[]\n', err: '' });
    expect(await cli('stop', 'a b', '--stack', 'orders')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is fixed by the deployment'),
    });
    expect(await cli('list', '--stack', 'none')).toMatchObject({ code: 1, err: expect.stringContaining('no such stack') });
    const refused = await runHere(['list', '--stack', 'orders'], { env: env('another') });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('403') });
  });

  it('runs a tick by its function', async () => {
    const { code, out } = await cli('tick', 'orders source', '--stack', 'orders', '--output', 'json');
    expect({ code, printed: JSON.parse(out) }).toEqual({ code: 0, printed: { name: 'orders source', ticks: [REPORT] } });
    expect(await cli('tick', 'other', '--stack', 'orders')).toMatchObject({
      code: 1,
      err: expect.stringContaining("no function of the connector 'other'"),
    });
  });

  it('is reached by tools that do not sign, but not by pages in browsers', async () => {
    const proxy = await startProxy(signedTarget(new URL(base()), await awsAccess(env()), 'here'), 0);
    try {
      const local = `http://127.0.0.1:${proxy.port}`;
      expect(await (await fetch(`${local}/connectors`)).json()).toEqual(['a b']);
      expect((await fetch(`${local}/connectors?expand=info&expand=status`)).status).toBe(200);
      const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"a":"ü"}' };
      expect((await fetch(`${local}/connectors/a%20b/config`, put)).status).toBe(409);
      expect((await fetch(`${local}/connectors`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
    } finally {
      await proxy.close();
    }
  });
});
