import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');

describe('the published package', () => {
  let folder: string;
  let cli: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'serverless-connect-package-'));
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT, encoding: 'utf8' });
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    writeFileSync(join(folder, 'package.json'), '{"name":"user","version":"1.0.0","type":"module","private":true}');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--engine-strict=false', `./${tarball}`], {
      cwd: folder,
      encoding: 'utf8',
    });
    cli = join(folder, 'node_modules/serverless-connect/dist/lib/cli/main.js');
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => execFileSync(NODE, [cli, ...args], { cwd: folder, encoding: 'utf8' });

  it('carries JavaScript and declarations, and no TypeScript source', () => {
    const files = readdirSync(join(folder, 'node_modules/serverless-connect'), { recursive: true }) as string[];
    const own = files.filter((file) => !file.startsWith('node_modules'));

    expect(own).toContain(join('dist', 'lib', 'core', 'index.d.ts'));
    expect(own.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    expect(own.filter((file) => file.startsWith('test'))).toEqual([]);
  });

  it('runs the command line', () => {
    expect(run('--version').trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(run('--help')).toContain('standalone');
  });

  it('validates a configuration with every plug-in it ships', () => {
    writeFileSync(
      join(folder, 'connector.json'),
      JSON.stringify({
        name: 'lines',
        config: {
          'connector.class': 'FileStreamSource',
          file: 'in.txt',
          topic: 'lines',
          transforms: 'r',
          'transforms.r.type': 'org.apache.kafka.connect.transforms.RegexRouter',
          'transforms.r.regex': '(.*)',
          'transforms.r.replacement': 'x-$1',
        },
      }),
    );
    writeFileSync(
      join(folder, 'worker.properties'),
      'key.converter=org.apache.kafka.connect.storage.StringConverter\nvalue.converter=org.apache.kafka.connect.storage.StringConverter\n',
    );

    expect(run('validate', 'worker.properties', 'connector.json')).toContain('1 connector, 0 errors');
  });

  it('exports the contracts by name', () => {
    writeFileSync(
      join(folder, 'own.js'),
      "import { SchemaBuilder, SourceRecord } from 'serverless-connect';\nconsole.log(typeof SchemaBuilder, typeof SourceRecord);\n",
    );

    expect(execFileSync(NODE, ['own.js'], { cwd: folder, encoding: 'utf8' }).trim()).toBe('function function');
  });
});
