import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Synthesised, synthesiseTemplate } from './synth.ts';
import { type TemplateJson, templateMistakes } from './template-mistakes.ts';

const ROOT = join(import.meta.dirname, '../..');
const CFN_LINT = join(ROOT, '.cache/python/bin/cfn-lint');
const FIXTURES = 'test/fixtures/pipelines';
const files = [
  'infra/pipelines/orders.json',
  `${FIXTURES}/own-plugins/own-plugins.json`,
  ...readdirSync(join(ROOT, FIXTURES))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${FIXTURES}/${name}`),
].sort();
const nameOf = (file: string): string => (file.split('/').at(-1) as string).replace('.json', '');

/** Findings of AwsSolutions that are meant, with the reason. */
const ACCEPTED: readonly { readonly finding: RegExp; readonly reason: string }[] = [
  { finding: /^AwsSolutions-SQS3$/, reason: 'the only queue is itself where undeliverable ticks end' },
  { finding: /^AwsSolutions-IAM5\[Resource::<\w+Logs\w+\.Arn>:\*\]$/, reason: "streams of the function's own log group, named by Lambda" },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    reason: 'as docs/permissions.md says: network interfaces, X-Ray, addresses of MSK brokers, schema versions of Glue by id',
  },
  { finding: /^AwsSolutions-IAM5\[Resource::arn:aws:kafka:.*:topic\/.*\*\]$/, reason: 'topics by prefix, or by topics.regex' },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:aws:kafka:.*:(group|transactional-id)\/.*-\*\]$/,
    reason: 'of one exactly-once connector, whose tasks are numbered',
  },
  { finding: /^AwsSolutions-IAM5\[Resource::arn:aws:glue:.*:schema\/[^*]+\/\*\]$/, reason: 'schemas of one registry, found by id' },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:(aws|<AWS::Partition>):s3:::[^*]+\/\*\]$/,
    reason: 'objects of one bucket, below one prefix where there is one',
  },
];

const synthesised = new Map<string, Synthesised>();
const dir = mkdtempSync(join(tmpdir(), 'fixtures-'));

beforeAll(async () => {
  for (const file of files) synthesised.set(nameOf(file), await synthesiseTemplate(file));
}, 300_000);
afterAll(() => rmSync(dir, { recursive: true }));

const templateOf = (name: string): TemplateJson => synthesised.get(name)?.template.toJSON() as TemplateJson;

/** Hashes of bundles change with every line of the runtime. */
function withoutHashes(template: TemplateJson): string {
  return `${JSON.stringify(template, null, 1)
    .replaceAll(/[0-9a-f]{64}/g, '<asset>')
    .replaceAll(/("SERVERLESS_CONNECT_BUNDLE": ")[0-9a-f]{16}/g, '$1<bundle>')}\n`;
}

describe('fixtures', () => {
  it('are at least twelve', () => {
    expect(files.length).toBeGreaterThanOrEqual(12);
  });
});

describe.each(files.map(nameOf))('%s', (name) => {
  it('is what it was', async () => {
    await expect(withoutHashes(templateOf(name))).toMatchFileSnapshot(join(import.meta.dirname, 'snapshots', `${name}.template.snap`));
  });

  it('has none of the mistakes that cfn-lint misses', () => {
    expect(templateMistakes(templateOf(name))).toEqual([]);
  });
});

const missing = existsSync(CFN_LINT) ? null : 'scripts/install-test-tools.sh installs cfn-lint';
if (missing !== null && process.env.CI === 'true') throw new Error(missing);

describe.skipIf(missing !== null)(`cfn-lint${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('finds no error in any template', () => {
    const paths = files.map((file) => {
      const path = join(dir, `${nameOf(file)}.json`);
      writeFileSync(path, JSON.stringify(templateOf(nameOf(file))));
      return path;
    });
    let output = '';
    try {
      output = execFileSync(
        CFN_LINT,
        ['--regions', 'eu-west-1', '--format', 'parseable', '--non-zero-exit-code', 'error', '--', ...paths],
        { encoding: 'utf8' },
      );
    } catch (error) {
      output = String((error as { stdout: string }).stdout);
    }
    expect(output.split('\n').filter((line) => /:E\d{4}:/.test(line))).toEqual([]);
  });
});

describe('cdk-nag AwsSolutions', () => {
  it.each(files.map(nameOf))('finds nothing in %s beyond what is accepted with a reason', (name) => {
    const stack = (synthesised.get(name) as Synthesised).stack;
    const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
    const findings = violations.map(({ ruleName }) => ruleName);
    expect(findings.filter((name) => !ACCEPTED.some(({ finding }) => finding.test(name)))).toEqual([]);
  });
});
