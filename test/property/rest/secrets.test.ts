import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/cli/run-cli.ts';
import { startTestStandalone, type TestStandalone } from '../../support/cli/start-standalone.ts';
import { exchange } from '../../support/rest/replay.ts';

const LONG = process.env.LONG === '1';
/** In no text by chance, and with what JSON and regular expressions would escape. */
const SECRETS = { password: `Geheim-${randomUUID()}$&`, url: `Adresse-${randomUUID()}`, user: `Wer"\\${randomUUID()}` };
let standalone: TestStandalone;
let ref: (key: keyof typeof SECRETS) => string;

beforeAll(async () => {
  standalone = await startTestStandalone([
    'config.providers=vault',
    'config.providers.vault.class=org.apache.kafka.common.config.provider.FileConfigProvider',
  ]);
  const file = join(standalone.cwd, 'secrets.properties');
  const escaped = Object.entries(SECRETS).map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}`);
  writeFileSync(file, escaped.join('\n'));
  ref = (key) => '$'.concat(`{vault:${file}:${key}}`);
}, 60_000);

afterAll(() => standalone.close());

/** Everything that was answered or logged, in the forms in which a secret could stand there. */
function expectNone(text: string, where: string): void {
  for (const secret of Object.values(SECRETS)) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      expect(text.includes(form), `${where} shows a secret: ${text.slice(0, 500)}`).toBe(false);
    }
  }
}

/** Connectors that mention secrets where they are wrong, fail to start, or fail in a task. */
const configs = (): Record<string, Record<string, string>> => ({
  // No such file: the driver says its name.
  unreachable: jdbc({ 'connection.url': `jdbc:sqlite:/nowhere/${ref('url')}/shop.db` }),
  'no dialect': jdbc({ 'connection.url': `jdbc:${ref('url')}://db` }),
  'not a mode': jdbc({ mode: ref('password') }),
  'not a number': jdbc({ 'batch.max.rows': ref('password') }),
  'task failing': jdbc({ 'connection.url': 'jdbc:sqlite::memory:', query: `select * from "${ref('url')}"` }),
  'not a converter': jdbc({ 'value.converter': ref('url') }),
  file: { 'connector.class': 'FileStreamSource', file: `/nowhere/${ref('url')}`, topic: 'lines' },
  'not a transformation': { 'connector.class': 'FileStreamSource', topic: 'lines', transforms: 'x', 'transforms.x.type': ref('url') },
});

function jdbc(more: Record<string, string>): Record<string, string> {
  return {
    'connector.class': 'JdbcSourceConnector',
    'connection.url': 'jdbc:sqlite::memory:',
    'connection.user': ref('user'),
    'connection.password': ref('password'),
    mode: 'bulk',
    query: 'select 1',
    'topic.prefix': 'secrets',
    'connection.attempts': '1',
    'connection.backoff.ms': '1',
    'query.retry.attempts': '0',
    ...more,
  };
}

const JSON_BODY = { 'content-type': 'application/json' };
const NAME = 'with-secrets';
const ENDPOINTS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/'],
  ['GET', '/health'],
  ['GET', '/connectors'],
  ['GET', '/connectors?expand=info&expand=status'],
  ['GET', `/connectors/${NAME}`],
  ['GET', `/connectors/${NAME}/config`],
  ['GET', `/connectors/${NAME}/status`],
  ['GET', `/connectors/${NAME}/tasks`],
  ['GET', `/connectors/${NAME}/tasks/0/status`],
  ['GET', `/connectors/${NAME}/topics`],
  ['GET', `/connectors/${NAME}/offsets`],
  ['PATCH', `/connectors/${NAME}/offsets`, { offsets: [{ partition: { query: 'query' }, offset: { incrementing: 1 } }] }],
  ['DELETE', `/connectors/${NAME}/offsets`],
  ['POST', `/connectors/${NAME}/restart?includeTasks=true`],
  ['POST', `/connectors/${NAME}/restart`],
  ['POST', `/connectors/${NAME}/tasks/0/restart`],
  ['PUT', `/connectors/${NAME}/pause`],
  ['PUT', `/connectors/${NAME}/resume`],
  ['PUT', `/connectors/${NAME}/stop`],
  ['PUT', `/connectors/${NAME}/topics/reset`],
  ['GET', '/connector-plugins'],
  ['GET', '/connector-plugins/JdbcSource/config'],
  ['GET', '/admin/loggers'],
  ['PUT', '/admin/loggers/root', { level: 'TRACE' }],
];

/** Statuses of all answers. */
const answered: number[] = [];

async function ask(method: string, target: string, body?: unknown): Promise<string> {
  const [path = '/', query] = target.split('?');
  const sent = body === undefined ? {} : { body, headers: JSON_BODY };
  const answer = await exchange(standalone.url, { method, path, ...(query === undefined ? {} : { query }), ...sent });
  answered.push(answer.status);
  const text = `${method} ${target} ${answer.status} ${JSON.stringify(answer.headers)} ${JSON.stringify(answer.body)}`;
  expectNone(text, `${method} ${target}`);
  return text;
}

describe('a secret that a provider resolved', () => {
  it('stands in no answer of any endpoint and in no line of the log', async () => {
    await ask('PUT', '/admin/loggers/root', { level: 'TRACE' });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(configs())),
        fc.shuffledSubarray([...ENDPOINTS], { minLength: LONG ? ENDPOINTS.length : 8 }),
        async (kind, endpoints) => {
          const config = configs()[kind] as Record<string, string>;
          await ask('PUT', `/connector-plugins/${config['connector.class']}/config/validate`, { name: NAME, ...config });
          await ask('PUT', `/connectors/${NAME}/config`, config);
          await ask('POST', '/connectors', { name: NAME, config });
          for (const [method, target, body] of endpoints) await ask(method, target, body);
          await ask('PUT', `/connectors/${NAME}/resume`);
          await ask('GET', `/connectors/${NAME}/status`);
          await ask('DELETE', `/connectors/${NAME}`);
        },
      ),
      { numRuns: LONG ? 60 : 12 },
    );
    expectNone(standalone.process.output(), 'the log');
    // Good and bad ones were among them.
    for (const status of [200, 201, 202, 204, 400, 404]) expect(answered).toContain(status);
  }, 240_000);

  it('is told apart from what surrounds it in the trace of a FAILED task', async () => {
    expect(await ask('PUT', `/connectors/${NAME}/config`, configs()['task failing'])).toContain(' 201 ');
    let status = '';
    for (const end = Date.now() + 60_000; !/FAILED.*\[hidden\]/s.test(status) && Date.now() < end; ) {
      status = await ask('GET', `/connectors/${NAME}/status`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(status).toMatch(/FAILED.*\[hidden\]/s);
    await ask('DELETE', `/connectors/${NAME}`);
  }, 90_000);

  it('written literally comes back as it is, with a warning that does not repeat it', async () => {
    const literal = `Offen-${randomUUID()}`;
    const config = { ...jdbc({ 'connection.password': literal }), name: 'literally' };
    const path = '/connectors/literally/config';
    expect(await exchange(standalone.url, { method: 'PUT', path, headers: JSON_BODY, body: config })).toMatchObject({ status: 201 });
    expect((await exchange(standalone.url, { method: 'GET', path })).body).toMatchObject({ 'connection.password': literal });

    const warned = () =>
      /holds secrets as they are[^\n]*"connector":"literally","keys":\["connection\.password"\]/.test(standalone.process.output());
    await waitFor(warned, standalone.process);
    expect(standalone.process.output()).not.toContain(literal);
    await exchange(standalone.url, { method: 'DELETE', path: '/connectors/literally' });
  });
});
