import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

const LIB = join(import.meta.dirname, '../../../lib');
const snippets = ['converters/README.md', 'registry/README.md'].flatMap((file) =>
  [...readFileSync(join(LIB, file), 'utf8').matchAll(/```properties\n([\s\S]*?)```/g)].map(([, text]) => text as string),
);
const WORKER = {
  'bootstrap.servers': 'kafka:9092',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
};

describe('configurations in the READMEs of converters', () => {
  it('are there for every converter with a registry', () => expect(snippets.length).toBeGreaterThanOrEqual(7));

  it.each(snippets)('%s', async (text) => {
    const converter = text
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const config = { name: 'c', 'connector.class': 'FileStreamSink', topics: 'orders', file: 'x', ...Object.fromEntries(converter) };
    const resolver = createPluginResolver(REGISTRY);
    const { problems } = await validateConnector({ where: '', config, worker: WORKER, resolver, providers: null, unknownKeys: 'refuse' });
    expect(problems).toEqual([]);
  });
});
