import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allProviders } from '../../lib/config/providers/aws-providers.ts';
import { variablesIn } from '../../lib/config/variables.ts';
import type { ConnectorProps } from '../../lib/core/connector.ts';

/** Where references of one kind may point, and in which region; null = the stack's. */
export interface Reference {
  readonly name: string;
  readonly region: string | null;
}

type ProviderKind = 'secretsManager' | 'ssm' | 's3';

// Only their names are asked for here; a stack is built without reaching AWS.
const unreachable = (): Promise<never> => Promise.reject(new Error('nothing is resolved while a stack is built'));
const KINDS = allProviders({ call: unreachable, getObject: unreachable });

/** What `${provider:name:key}` refers to in these configurations, sorted and without repetition; the worker names the providers. */
export function references(kind: ProviderKind, props: readonly ConnectorProps[], worker: ConnectorProps): Reference[] {
  const regions = providerRegions(kind, worker);
  const found = new Map<string, Reference>();
  for (const value of props.flatMap((one) => Object.values(one))) {
    for (const { provider, path, key } of variablesIn(value)) {
      const region = regions.get(provider);
      if (region === undefined) continue;
      // Without a path, as in `${ssm:/shop/password}`, the key is the name; colons of an ARN are written %3A.
      const name = (path === '' ? key : path).replaceAll(/%3A/gi, ':');
      found.set(`${region} ${name}`, { name, region });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}

/** Names under which the worker has providers of a kind, with the region each is configured for. */
function providerRegions(kind: ProviderKind, worker: ConnectorProps): Map<string, string | null> {
  const listed = (worker['config.providers'] ?? '').split(',').map((name) => name.trim());
  const regions = new Map<string, string | null>();
  if (listed.every((name) => name === '')) return regions.set(kind, null);
  const classNames = KINDS.find(({ name }) => name === kind)?.classNames ?? [];
  for (const name of listed) {
    const prefix = `config.providers.${name}.`;
    const className = worker[`${prefix}class`]?.trim() ?? '';
    if (className !== kind && !classNames.includes(className)) continue;
    regions.set(name, worker[`${prefix}param.region`] ?? worker[`${prefix}param.aws.region`] ?? null);
  }
  return regions;
}

/** Simple class name of each config provider that the worker lists, by the name it is used by. */
export function providerClasses(worker: ConnectorProps): Map<string, string> {
  const names = (worker['config.providers'] ?? '').split(',').map((name) => name.trim());
  return new Map(names.map((name) => [name, (worker[`config.providers.${name}.class`] ?? name).trim().split('.').at(-1) as string]));
}

/** Reading rights on exactly the secrets, parameters and objects that a connector's and its worker's keys refer to. */
export function referenceStatements(stack: Stack, config: ConnectorProps, worker: ConnectorProps): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  const add = (sid: string, action: string, resources: string[]): void => {
    if (resources.length > 0) statements.push(new PolicyStatement({ sid, actions: [action], resources }));
  };
  const of = (kind: ProviderKind): Reference[] => references(kind, [config, worker], worker);
  const secrets = of('secretsManager').map((reference) => secretArn(stack, reference));
  const parameters = of('ssm').map((reference) => parameterArn(stack, reference));
  add('Secrets', 'secretsmanager:GetSecretValue', secrets);
  add('Parameters', 'ssm:GetParameter', parameters);
  add(
    'Objects',
    's3:GetObject',
    of('s3').map(({ name }) => `arn:${stack.partition}:s3:::${name}`),
  );
  return statements;
}

/** A secret's ARN ends in a dash and six characters that AWS chooses; question marks stand for exactly these. */
export function secretArn(stack: Stack, { name, region }: Reference): string {
  if (name.startsWith('arn:')) return name;
  const place = { service: 'secretsmanager', resource: 'secret', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
  return stack.formatArn({ ...place, resourceName: `${name}-??????`, ...(region === null ? {} : { region }) });
}

/**
 * A secret's ARN without its six characters: where AWS takes no pattern, and Secrets Manager finds the secret by its name.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export function secretId(stack: Stack, reference: Reference): string {
  return secretArn(stack, reference).replace(/-\?{6}$/, '');
}

function parameterArn(stack: Stack, { name, region }: Reference): string {
  if (name.startsWith('arn:')) return name;
  const place = { service: 'ssm', resource: 'parameter', arnFormat: ArnFormat.SLASH_RESOURCE_NAME };
  return stack.formatArn({ ...place, resourceName: name.replace(/^\//, ''), ...(region === null ? {} : { region }) });
}
