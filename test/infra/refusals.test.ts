import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planPipeline } from '../../infra/plan-pipeline.ts';
import { preparePipeline } from '../../infra/prepare-pipeline.ts';
import { REGISTRY } from '../../lib/plugins/registry.generated.ts';
import { BROKEN, pipelineOf } from './broken-pipelines.ts';

const dir = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = join(dir, 'pipeline.json');

/** Every mistake told, without the place where it is the one connector. */
async function problemsOf(pipeline: unknown): Promise<string[]> {
  writeFileSync(file, typeof pipeline === 'string' ? pipeline : JSON.stringify(pipeline));
  const message = await planPipeline(file, REGISTRY).then(
    () => null,
    (error: Error) => error.message,
  );
  if (message === null) return [];
  const [first = '', ...lines] = message.split('\n');
  return lines.length === 0 ? [first] : lines.map((line) => line.trim().replace(/^connectors\[0\] \(\w+\): /, ''));
}

describe('a file with a mistake is refused with key, value and remedy', () => {
  it('in at least forty ways', () => {
    expect(BROKEN.length).toBeGreaterThanOrEqual(40);
  });

  it.each(BROKEN)('$what', async ({ problems, ...broken }) => {
    expect(problems.length).toBeGreaterThan(0);
    expect(await problemsOf(pipelineOf(broken))).toEqual(problems);
  });

  it('tells how many mistakes there are', async () => {
    writeFileSync(file, JSON.stringify(pipelineOf({ base: 'sink', config: { topics: 'a', 'lambda.start.position': 'LATEST' } })));
    await expect(planPipeline(file, REGISTRY)).rejects.toThrow(`${file}: 2 mistakes\n`);
  });

  it('an unknown class, with the nearest', async () => {
    const [problem] = await problemsOf(pipelineOf({ base: 'source', config: { 'connector.class': 'JdbcSorce' } }));
    expect(problem).toMatch(/^connector\.class: Failed to find any class that implements Connector .* Did you mean JdbcSource\?$/);
  });

  it('a plug-in that cannot be loaded', async () => {
    const [problem] = await problemsOf(
      pipelineOf({ base: 'source', config: { transforms: 'a', 'transforms.a.type': './missing.ts#Missing' } }),
    );
    expect(problem).toContain(`transforms.a.type: cannot load ./missing.ts#Missing from ${dir}: `);
  });

  it('a plug-in that needs a native module', async () => {
    writeFileSync(join(dir, 'native.node'), '');
    writeFileSync(
      join(dir, 'native.ts'),
      "export class Native {\n  config() { return { keys: new Map() }; }\n  configure() {}\n  apply(record) { return import('./native.node').then(() => record); }\n  close() {}\n}\n",
    );
    const config = { transforms: 'a', 'transforms.a.type': './native.ts#Native' };
    writeFileSync(file, JSON.stringify({ ...pipelineOf({ base: 'source', config }), 'config.unknown.keys': 'allow' }));
    await expect(preparePipeline(file, REGISTRY)).rejects.toThrow(
      'connectors[0] (one): connector.class: cannot be bundled: it needs a native module (native.node), which no bundle for Lambda can carry',
    );
  });

  it('two connectors of one name, and no connector', async () => {
    const whole = pipelineOf({ base: 'sink' }) as { connectors: unknown[] };
    expect(await problemsOf({ ...whole, connectors: [...whole.connectors, ...whole.connectors] })).toEqual([
      'connectors[1] (one): name: connectors[0] has this name too; give each connector a name of its own',
    ]);
    expect(await problemsOf({ ...whole, connectors: [] })).toEqual(['connectors: there is no connector; name at least one']);
  });

  it('a file that is no pipeline', async () => {
    expect((await problemsOf({ name: 'a', config: { 'connector.class': 'JdbcSink' } }))[0]).toContain('it is a connector file');
    expect((await problemsOf('{ "name": '))[0]).toContain('pipeline.json');
  });
});

describe('a documented configuration is accepted', () => {
  const documented = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/documented-connectors.json'), 'utf8')) as {
    from: string;
    config: Record<string, string>;
  }[];

  it('of at least twenty', () => {
    expect(documented.length).toBeGreaterThanOrEqual(20);
  });

  it.each(documented)('$from', async ({ config }) => {
    expect(await problemsOf(pipelineOf({ base: 'none', config }))).toEqual([]);
  });
});
