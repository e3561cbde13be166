import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, startCli, waitFor } from '../support/cli/run-cli.ts';

const REQUESTS = process.env.LONG === '1' ? 20_000 : 2_000;
const AT_ONCE = 32;
const WRITERS = process.env.LONG === '1' ? 200 : 60;

/** Bodies beyond this are rare: each costs a copy on both sides. */
const LARGE_BYTES = 10 * 1024 * 1024;

interface Generated {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

interface Answer {
  readonly status: number;
  readonly problem: string | undefined;
  readonly text: string;
}

const names = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('fuzz-0', 'fuzz-1', 'fuzz-2', 'fuzz-0', 'fuzz-1', 'root', 'org.apache.kafka', 'nobody') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())) },
  fc.constantFrom('%', '%2F', '%2e%2e', '..', '', '%ff', '%00', 'a'.repeat(3_000), '🙈'.repeat(3)).map((text) => encodeURI(text)),
  fc.constantFrom('%', '%2F', '%ff%fe', '%zz'),
);
const task = fc.constantFrom('0', '1', '-1', '99999999999999999999', 'x', '0x1', '1.5');
const paths = fc.oneof(
  fc.constantFrom(
    '/',
    '/connectors',
    '/connectors/',
    '/health',
    '/connector-plugins',
    '/admin/loggers',
    '//',
    '/nowhere',
    '/connectors//config',
  ),
  fc
    .tuple(
      names,
      fc.constantFrom('', '/config', '/status', '/tasks', '/topics', '/topics/reset', '/offsets', '/pause', '/resume', '/stop', '/restart'),
    )
    .map(([name, below]) => `/connectors/${name}${below}`),
  fc.tuple(names, task, fc.constantFrom('/status', '/restart', '')).map(([name, id, below]) => `/connectors/${name}/tasks/${id}${below}`),
  names.map((name) => `/admin/loggers/${name}`),
  fc
    .tuple(fc.oneof(names, fc.constantFrom('FileStreamSource', 'FileStreamSinkConnector')), fc.constantFrom('/config', '/config/validate'))
    .map(([name, below]) => `/connector-plugins/${name}${below}`),
);
const queries = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    '?expand=status&expand=info',
    '?expand=',
    '?includeTasks=true&onlyFailed=perhaps',
    '?scope=cluster',
    '?connectorsOnly=false',
    '?%',
    '?=&&=',
  ),
);
const config = fc.record(
  {
    'connector.class': fc.constantFrom('FileStreamSource', 'FileStreamSource', 'FileStreamSink', 'FileStreamSink', 'Nothing', ''),
    file: fc.constantFrom('/nonexistent/fuzz', ''),
    topic: fc.constantFrom('fuzz', 'fuzz', 'fuzz', 'not a topic', ''),
    topics: fc.constantFrom('fuzz', 'a,b', ''),
    'tasks.max': fc.constantFrom('1', '2', '3', '0', 'x'),
    transforms: fc.constantFrom('a', '', '', ''),
    'errors.tolerance': fc.constantFrom('all', 'none', 'none', 'some'),
    'key.converter': fc.constantFrom(
      'org.apache.kafka.connect.storage.StringConverter',
      'org.apache.kafka.connect.json.JsonConverter',
      'Nothing',
    ),
    'offset.flush.timeout.ms': fc.integer(),
  },
  { requiredKeys: ['connector.class', 'topic', 'topics', 'file'] },
);
const bodies = fc.oneof(
  fc.constant(null),
  { weight: 12, arbitrary: config.map((value) => Buffer.from(JSON.stringify(value))) },
  fc.record({ name: fc.constantFrom('fuzz-0', 'fuzz-2'), config }).map((value) => Buffer.from(JSON.stringify(value))),
  fc.record({ level: fc.constantFrom('INFO', 'DEBUG', 'LOUD', '') }).map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .record({ offsets: fc.array(fc.record({ partition: fc.jsonValue(), offset: fc.jsonValue() }), { maxLength: 3 }) })
    .map((value) => Buffer.from(JSON.stringify(value))),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('{', '[', '{"a":', '{"a":1}{', '\uFEFF{}', '{"__proto__":{"x":"y"},"constructor":"z"}', 'null', '"x"')
    .map((text) => Buffer.from(text)),
  fc.integer({ min: 10, max: 2_000 }).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
);
/** What the API has, so that most requests get beyond the router. */
const calls = fc
  .tuple(
    fc.constantFrom(
      'PUT /config',
      'PUT /config',
      'PUT /config',
      'PUT /config',
      'PATCH /config',
      'GET /status',
      'GET ',
      'GET /config',
      'GET /tasks',
      'GET /topics',
      'PUT /topics/reset',
      'GET /offsets',
      'PATCH /offsets',
      'DELETE /offsets',
      'PUT /pause',
      'PUT /resume',
      'PUT /stop',
      'POST /restart?includeTasks=true',
      'POST /tasks/0/restart',
      'DELETE ',
    ),
    names,
  )
  .map(([call, name]) => {
    const [method = '', below = ''] = call.split(' ');
    return { method, path: `/connectors/${name}${below}` };
  });
const anyCall = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'),
  path: fc.tuple(paths, queries).map(([path, query]) => path + query),
});
const requests: fc.Arbitrary<Generated> = fc
  .record({
    call: fc.oneof({ weight: 2, arbitrary: calls }, { weight: 1, arbitrary: anyCall }),
    type: fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      fc.constantFrom('application/json;charset=utf-8', 'text/plain', '', 'application/xml'),
    ),
    accept: fc.oneof({ weight: 8, arbitrary: fc.constant('application/json') }, fc.constantFrom('*/*', 'text/html', 'a/b;q=x', '')),
    body: bodies,
  })
  .map(({ accept, body, call: { method, path }, type }) => ({
    method,
    path,
    headers: { ...(type === '' ? {} : { 'content-type': type }), ...(accept === '' ? {} : { accept }) },
    body: method === 'GET' || method === 'HEAD' ? null : body,
  }));

describe('the REST API under generated requests', () => {
  let cwd: string;
  let worker: RunningCli;
  let base: URL;
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });

  const ask = ({ body, headers, method, path }: Generated): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = send({ agent, host: base.hostname, port: base.port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            problem: response.headers['x-problem'] as string | undefined,
            text: Buffer.concat(chunks).toString(),
          }),
        );
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body ?? undefined);
    });

  const residentBytes = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.child.pid}/status`, 'utf8'))?.[1]) * 1024;

  /** What a server may answer with 500: Connect's own answers to what cannot be read or started. */
  const isConnects = ({ problem, text }: Answer): boolean =>
    problem !== undefined || /Failed to start connector|BadRequestException: |have not stopped yet/.test(text);

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'serverless-connect-fuzz-'));
    const converters = ['key', 'value'].map((which) => `${which}.converter=org.apache.kafka.connect.json.JsonConverter`);
    writeFileSync(
      join(cwd, 'worker.properties'),
      [...converters, 'listeners=http://127.0.0.1:0', 'offset.flush.interval.ms=1000'].join('\n'),
    );
    worker = startCli(['standalone', 'worker.properties'], { cwd });
    const url = () => /"message":"REST API listening","url":"([^"]+)"/.exec(worker.output())?.[1];
    await waitFor(() => url() !== undefined, worker);
    base = new URL(url() as string);
  });
  afterAll(async () => {
    agent.destroy();
    await worker?.end('SIGTERM');
    rmSync(cwd, { recursive: true, force: true });
  });

  it(`answers ${REQUESTS} of them without a defect, and its memory stays flat`, async () => {
    const generated = fc.sample(requests, { numRuns: REQUESTS, seed: 20_261_122 });
    const defects: string[] = [];
    const statuses = new Map<number, number>();
    let next = 0;
    const client = async () => {
      for (;;) {
        const index = next++;
        const request = generated[index];
        if (request === undefined) return;
        const answer = await ask(request);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status >= 500 && request.method !== 'HEAD' && !isConnects(answer)) {
          defects.push(`${request.method} ${request.path} ${request.body}: ${answer.status} ${answer.text}`);
        }
      }
    };
    // Half of them first: code and caches are loaded before memory is compared.
    const rest = generated.splice(REQUESTS / 2);
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    const warm = residentBytes();
    generated.push(...rest);
    next = REQUESTS / 2;
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    console.log(JSON.stringify({ statuses: Object.fromEntries([...statuses].sort()), warmMb: warm >> 20, afterMb: residentBytes() >> 20 }));
    expect(defects).toEqual([]);
    expect([...statuses.keys()].filter((status) => status < 300).sort()).toEqual([200, 201, 202, 204]);
    expect(residentBytes()).toBeLessThan(warm + 128 * 1024 * 1024);
    expect(worker.child.exitCode).toBeNull();
  }, 600_000);

  it('takes bodies up to 10 MB, broken UTF-8 and slow senders', async () => {
    const json = { 'content-type': 'application/json' };
    const put = (body: Buffer) => ask({ method: 'PUT', path: '/connectors/large/config', headers: json, body });
    const large = await put(Buffer.from(JSON.stringify({ 'connector.class': 'Nothing', text: 'x'.repeat(LARGE_BYTES - 100) })));
    expect(large.status).toBe(400);
    expect((await put(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]))).status).toBe(400);
    const slow = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(base.port), base.hostname);
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString();
        socket.end();
      });
      socket.on('error', reject).on('close', () => resolve(answer));
      const bytes = 'PUT /connectors/slow/config HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
      let at = 0;
      const drip = setInterval(() => {
        socket.write(bytes.slice(at, at + 4));
        at += 4;
        if (at >= bytes.length) clearInterval(drip);
      }, 5);
    });
    expect(slow).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask({ method: 'GET', path: '/connectors', headers: {}, body: null })).status).toBe(200);
  });

  it(`loses no update of ${WRITERS} clients at once`, async () => {
    const headers = { 'content-type': 'application/json' };
    const config = { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file: join(cwd, 'none'), topic: 'shared' };
    const path = '/connectors/shared/config';
    const body = (value: object) => Buffer.from(JSON.stringify(value));
    expect((await ask({ method: 'PUT', path, headers, body: body(config) })).status).toBe(201);
    expect((await ask({ method: 'PUT', path: '/connectors/shared/stop', headers: {}, body: null })).status).toBe(204);
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, (_, client) =>
        ask({ method: 'PATCH', path, headers, body: body({ [`client.${client}`]: `${client}` }) }),
      ),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const stored = JSON.parse((await ask({ method: 'GET', path, headers: {}, body: null })).text) as Record<string, string>;
    expect(Object.keys(stored).filter((key) => key.startsWith('client.'))).toHaveLength(WRITERS);
  });
});
