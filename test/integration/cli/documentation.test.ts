import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../../support/cli/run-cli.ts';
import { runHere } from '../../support/cli/run-here.ts';
import { startTestStandalone, type TestStandalone } from '../../support/cli/start-standalone.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');

/** Every command of the page with what it is said to print, in order. */
const EXAMPLES = [...PAGE.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  (block as string)
    .split(/^\$ serverless-connect /m)
    .slice(1)
    .map((text) => {
      const [call = '', ...printed] = text.split('\n');
      return { call, printed: printed.join('\n') };
    }),
);

/** Addresses have other lengths here, so that columns are wider. */
const plain = (text: string) => text.replace(/ {2,}/g, '  ').replace(/ +$/gm, '');

let standalone: TestStandalone;

beforeAll(async () => {
  standalone = await startTestStandalone();
  const write = (name: string, text: string) => writeFileSync(join(standalone.cwd, name), text);
  const source = { 'connector.class': 'FileStreamSource', file: 'orders.txt', topic: 'orders', 'value.converter': 'StringConverter' };
  write('orders.txt', '{"a":1}\nnot json\n{"a":2}\n');
  write('orders-source.json', JSON.stringify({ name: 'orders-source', config: { ...source, 'batch.size': '2000' } }));
  write('changed.json', JSON.stringify({ name: 'orders-source', config: { ...source, 'batch.size': '100' } }));
  const queue = { 'errors.deadletterqueue.topic.name': 'orders-dlq', 'errors.deadletterqueue.topic.replication.factor': '1' };
  const errors = { 'errors.tolerance': 'all', 'errors.deadletterqueue.context.headers.enable': 'true', ...queue };
  const sink = { 'connector.class': 'FileStreamSink', file: 'copy.txt', topics: 'orders', ...errors };
  write('orders-sink.json', JSON.stringify({ name: 'orders-sink', config: sink }));
});

afterAll(() => standalone?.close());

it('the page on the command line says what its commands print', async () => {
  expect(EXAMPLES.length).toBeGreaterThan(20);
  const call = (line: string) =>
    runHere(line.replaceAll('localhost:9092', standalone.bootstrap).split(' '), { url: standalone.url, cwd: standalone.cwd });
  for (const [i, example] of EXAMPLES.entries()) {
    const { err, out } = await call(example.call);
    expect(plain((out + err).replaceAll(new URL(standalone.url).host, '127.0.0.1:8083')), example.call).toBe(plain(example.printed));
    // Where connectors stand is written now and then: the page shows them at rest.
    if (i === 0) {
      await waitFor(async () => (await call('offsets get orders-sink')).out.includes('3'), standalone.process);
      await waitFor(async () => (await call('offsets get orders-source')).out.includes('25'), standalone.process);
    }
  }
});
