import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { variablesIn } from '../../lib/config/variables.ts';

/** Names of what `${provider:name:key}` refers to, in order and without repetition. */
export function referencedNames(props: readonly Readonly<Record<string, string>>[], provider: string): string[] {
  const names = new Set<string>();
  for (const value of props.flatMap((one) => Object.values(one))) {
    for (const variable of variablesIn(value)) {
      // Without a path, as in `${ssm:/shop/password}`, the key is the name.
      if (variable.provider === provider) names.add(variable.path === '' ? variable.key : variable.path);
    }
  }
  return [...names].sort();
}

/** Reading rights on exactly the secrets and parameters that a configuration refers to. */
export function referenceStatements(stack: Stack, props: readonly Readonly<Record<string, string>>[]): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  const secrets = referencedNames(props, 'secretsManager');
  if (secrets.length > 0) {
    statements.push(
      new PolicyStatement({
        sid: 'Secrets',
        actions: ['secretsmanager:GetSecretValue'],
        resources: secrets.map((name) => secretArn(stack, name)),
      }),
    );
  }
  const parameters = referencedNames(props, 'ssm');
  if (parameters.length > 0) {
    const resources = parameters.map((name) =>
      stack.formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: name.replace(/^\//, ''),
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    );
    statements.push(new PolicyStatement({ sid: 'Parameters', actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources }));
  }
  return statements;
}

/** A secret's ARN ends in a dash and six characters that AWS chooses; question marks stand for exactly these. */
export function secretArn(stack: Stack, name: string): string {
  if (name.startsWith('arn:')) return name;
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${name}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
