import type { StackTemplate, TemplateResource } from '../../../lib/local/deployment/stack-template.ts';

/** One statement of a role, resolved. */
export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values of `dynamodb:LeadingKeys`; null = no condition. */
  readonly leadingKeys: readonly string[] | null;
}

/** One use of a right. */
export interface AwsCall {
  readonly action: string;
  readonly resource: string;
  /** Partition keys that the call names; empty where it is no matter of DynamoDB. */
  readonly keys: readonly string[];
}

interface StatementJson {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Statements of each function's role, by the name of the function. Throws Error for what is not judged here: denials and other conditions. */
export function policiesOf(template: StackTemplate): Map<string, Statement[]> {
  const ofRole = new Map<string, Statement[]>();
  const add = (roleId: string, statements: readonly StatementJson[]): void => {
    ofRole.set(roleId, [...(ofRole.get(roleId) ?? []), ...statements.map((one, index) => statementOf(one, `${roleId}.${index}`))]);
  };
  for (const resource of template.resources) {
    if (resource.type === 'AWS::IAM::Role') {
      const { Policies = [] } = template.resolve(resource) as {
        Policies?: { PolicyName: string; PolicyDocument: { Statement: StatementJson[] } }[];
      };
      for (const { PolicyName, PolicyDocument } of Policies)
        add(
          resource.id,
          PolicyDocument.Statement.map((one) => ({ Sid: PolicyName, ...one })),
        );
    }
    if (resource.type === 'AWS::IAM::Policy') {
      const { PolicyDocument } = template.resolve(resource) as { PolicyDocument: { Statement: StatementJson[] } };
      for (const role of resource.properties.Roles as { Ref: string }[]) add(role.Ref, PolicyDocument.Statement);
    }
  }
  return new Map(
    template.resources
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map((resource) => [String(template.resolve(resource).FunctionName), ofRole.get(roleIdOf(resource)) ?? []]),
  );
}

function roleIdOf({ properties }: TemplateResource): string {
  return (properties.Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
}

function statementOf({ Sid, Effect, Action, Resource, Condition = {} }: StatementJson, fallback: string): Statement {
  if (Effect !== 'Allow') throw new Error(`${Sid ?? fallback}: ${Effect} is not judged here`);
  const { 'ForAllValues:StringEquals': equal = {}, ...others } = Condition;
  const { 'dynamodb:LeadingKeys': keys, ...more } = equal;
  if (Object.keys(others).length + Object.keys(more).length > 0) throw new Error(`${Sid ?? fallback}: a condition that is not judged here`);
  return {
    sid: Sid ?? fallback,
    actions: listOf(Action),
    resources: listOf(Resource),
    leadingKeys: keys === undefined ? null : listOf(keys),
  };
}

/** `*` is anything, `?` one character; actions do not heed case. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
function matches(pattern: string, value: string, flags = ''): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`).test(value);
}

/** Whether a statement allows a call by itself. */
export function allows({ actions, resources, leadingKeys }: Statement, { action, resource, keys }: AwsCall): boolean {
  return (
    actions.some((pattern) => matches(pattern, action, 'i')) &&
    resources.some((pattern) => matches(pattern, resource)) &&
    (leadingKeys === null || keys.every((key) => leadingKeys.includes(key)))
  );
}
