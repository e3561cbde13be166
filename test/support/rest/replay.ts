import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { dirname } from 'node:path';
import { type Answer, compareAnswers } from './compare-answers.ts';
import { type Exchange, type ExchangeGroup, fill, type RecordedRequest } from './exchanges.ts';

const PATIENCE_MS = 10_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Where to replay. */
export interface ReplayTarget {
  /** `http://127.0.0.1:8083`. */
  readonly base: string;
  /** A fresh folder that the API's connectors can read and write. */
  readonly filesDir: string;
  /** A word that no other run has. */
  readonly run: string;
}

/** Replays a group in order; either mode's recording is right. Answers what was passed, and every difference. */
export async function replayGroup(group: ExchangeGroup, target: ReplayTarget): Promise<{ passed: number; problems: string[] }> {
  const variables = { FILES_DIR: target.filesDir, RUN: target.run };
  mkdirSync(target.filesDir, { recursive: true });
  const names = (group.connectors ?? []).map((name) => fill(name, variables));
  await removeConnectors(target.base, names);
  const problems: string[] = [];
  let passed = 0;
  for (const [id, recordings] of Map.groupBy(group.exchanges, (exchange) => exchange.id)) {
    const found = await replay(
      recordings.map((recording) => fill(recording, variables)),
      target.base,
    );
    if (found.length === 0) passed++;
    const { method, path } = (recordings[0] as Exchange).request;
    problems.push(...found.map((problem) => `${id} ${method} ${path}: ${problem}`));
  }
  await removeConnectors(target.base, names);
  return { passed, problems };
}

async function replay(recordings: readonly Exchange[], base: string): Promise<string[]> {
  const first = recordings[0] as Exchange;
  for (const file of first.files ?? []) {
    mkdirSync(file.directory ? file.path : dirname(file.path), { recursive: true });
    if (!file.directory) (file.append ? appendFileSync : writeFileSync)(file.path, file.content ?? '');
  }
  await pause(first.delay_ms ?? 0);
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await exchange(base, first.request);
    const problems = recordings
      .map((recording) => compareAnswers(recording.response, answer, recording, base))
      .reduce((best, each) => (each.length < best.length ? each : best));
    if (problems.length === 0) return first.expect_file === undefined ? [] : waitForFile(first.expect_file, until);
    if (!first.eventually || Date.now() > until) return problems;
    await pause(100);
  }
}

async function waitForFile({ content, path }: { readonly path: string; readonly content: string }, until: number): Promise<string[]> {
  for (;;) {
    const found = existsSync(path) ? readFileSync(path, 'utf8') : null;
    if (found === content) return [];
    if (Date.now() > until) return [`file ${path}: expected ${JSON.stringify(content)}, got ${JSON.stringify(found)}`];
    await pause(100);
  }
}

/** One exchange, its path sent exactly as it is written (fetch would tidy it up). */
export function exchange(base: string, { body, headers = {}, method, path, query, raw }: RecordedRequest): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const sent = Object.entries({ accept: 'application/json', ...headers }).filter((entry): entry is [string, string] => entry[1] !== null);
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = send(
      {
        host: hostname,
        port,
        method,
        path: `${path}${query ? `?${query}` : ''}`,
        headers: { ...Object.fromEntries(sent), 'content-length': String(Buffer.byteLength(payload ?? '')) },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const answer = { status: response.statusCode ?? 0, headers: response.headers as Answer['headers'] };
          resolve(text === '' ? answer : { ...answer, body: JSON.parse(text) });
        });
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

async function removeConnectors(base: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = `/connectors/${encodeURIComponent(name)}`;
    if ((await exchange(base, { method: 'GET', path })).status !== 200) continue;
    await exchange(base, { method: 'PUT', path: `${path}/stop` });
    await exchange(base, { method: 'DELETE', path: `${path}/offsets` });
    await exchange(base, { method: 'DELETE', path });
  }
}
