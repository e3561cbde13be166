import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ConnectorPlan } from '../connector-plan.ts';
import type { GrantedNeed } from '../permission-needs.ts';

/** Actions of S3 whose resource is the bucket; the others' is an object. */
const BUCKET_ACTIONS = /^s3:(ListBucket|GetBucketLocation|ListBucketMultipartUploads|ListBucketVersions)$/;

/**
 * Rights that the plug-ins' manifests declare, on what the configuration names: the first key of a need names bucket or resource (an ARN or
 * a name), a second one the prefix of objects, unless the need says the resource itself. Secrets are not granted here: they follow the
 * references of the configuration.
 */
export function needStatements(stack: Stack, plan: ConnectorPlan): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  for (const [index, need] of plan.needs.entries()) {
    const granted = need.actions.filter((action) => !action.startsWith('secretsmanager:'));
    const bucketActions = granted.filter((action) => BUCKET_ACTIONS.test(action));
    const others = granted.filter((action) => !BUCKET_ACTIONS.test(action));
    for (const [part, actions] of [bucketActions, others].entries()) {
      const resources = actions.length === 0 ? [] : resourcesOf(stack, plan, need, part === 0);
      if (resources.length > 0)
        statements.push(new PolicyStatement({ sid: `Need${index}${part === 0 ? 'Bucket' : ''}`, actions, resources }));
    }
  }
  return statements;
}

function resourcesOf(stack: Stack, plan: ConnectorPlan, need: GrantedNeed, bucket: boolean): string[] {
  if (need.resources !== undefined) return need.resources.map((resource) => filledIn(stack, plan, need, resource));
  const [nameKey = '', prefixKey] = need.resourceFrom;
  const name = need.values[nameKey] ?? '';
  if (name === '') return [];
  if (!need.actions.some((action) => action.startsWith('s3:'))) {
    if (name.startsWith('arn:')) return [name];
    // A key of KMS may be named by its id alone; policies do not reach a key by an alias.
    if (/^[0-9a-f-]{36}$/.test(name)) return [stack.formatArn({ service: 'kms', resource: 'key', resourceName: name })];
    throw new Error(`connector ${plan.name}: ${nameKey} must be an ARN, for the right to ${need.actions.join(', ')} (${need.why})`);
  }
  const arn = name.startsWith('arn:') ? name : `arn:${stack.partition}:s3:::${name}`;
  if (bucket) return [arn];
  const prefix = prefixKey === undefined ? '' : (need.values[prefixKey] ?? '');
  return [`${arn}/${prefix === '' ? '' : `${prefix.replace(/\/+$/, '')}/`}*`];
}

/** Placeholders replaced: by the first of the named values that there is. */
function filledIn(stack: Stack, plan: ConnectorPlan, need: GrantedNeed, resource: string): string {
  const known: Readonly<Record<string, string>> = {
    ...need.values,
    'aws.partition': stack.partition,
    'aws.region': stack.region,
    'aws.account': stack.account,
    '*': '*',
  };
  return resource.replaceAll(/\{([^}]+)\}/g, (_, alternatives: string) => {
    const value = alternatives.split('|').find((key) => known[key] !== undefined);
    if (value === undefined)
      throw new Error(`connector ${plan.name}: nothing says ${alternatives}, for the right to ${need.actions.join(', ')} (${need.why})`);
    return known[value] as string;
  });
}
