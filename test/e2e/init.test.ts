import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');

describe('a project of init, as written', () => {
  let folder: string;
  let project: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'serverless-connect-init-'));
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    execFileSync(NODE, [join(ROOT, 'lib/cli/main.ts'), 'init', 'readings', '--package', `file:${join(folder, tarball as string)}`], {
      cwd: folder,
    });
    project = join(folder, 'readings');
    npm('ci', '--no-audit', '--no-fund', '--loglevel=error');
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const npm = (...args: string[]) => run('npm', ...args);
  // Not the node of this project: theirs comes with the package.
  const run = (command: string, ...args: string[]): string => {
    const PATH = (process.env.PATH ?? '')
      .split(delimiter)
      .filter((part) => !part.startsWith(ROOT))
      .join(delimiter);
    return execFileSync(command, args, { cwd: project, encoding: 'utf8', env: { ...process.env, PATH, NODE_PATH: undefined } });
  };
  const templateOf = (stack: string) =>
    JSON.parse(readFileSync(join(project, 'cdk.out', `${stack}.template.json`), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties: object }>;
    };

  it('passes its own test', () => {
    expect(npm('test')).toMatch(/pass 2\n.*fail 0/);
  });

  it('synthesises, with a plug-in of its own in the bundle', () => {
    run('npx', 'cdk', 'synth', '--quiet');
    const resources = Object.values(templateOf('readings').Resources);
    // Two connectors, the function that writes configurations, and the REST API, which validates and so has the plug-ins too.
    expect(resources.filter(({ Type }) => Type === 'AWS::Lambda::Function')).toHaveLength(4);
    expect(JSON.stringify(resources)).toContain('"LOG_LEVEL":"info"');
    const bundles = readdirSync(join(project, 'cdk.out'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('index.js'),
    );
    const codes = bundles.map((path) => readFileSync(join(project, 'cdk.out', path), 'utf8'));
    expect(codes.filter((code) => code.includes('Topic to write to.'))).toHaveLength(2);
  });

  it('tells every mistake of its pipeline file at once', () => {
    const file = join(project, 'pipelines/readings.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"auto.create"', '"auto.craete"').replace('rate(1 minute)', 'rate(1 minutes)'));
    let message = '';
    try {
      run(join(project, 'node_modules/.bin/node'), 'app.ts');
    } catch (error) {
      message = String((error as { stderr?: string }).stderr);
    }
    writeFileSync(file, text);
    expect(message).toContain('2 mistakes');
    expect(message).toContain('did you mean auto.create?');
    expect(message).toContain('lambda.schedule');
  });
});
