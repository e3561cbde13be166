import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { referenceStatements } from '../../infra/constructs/secret-access.ts';

const stack = new Stack(new App(), 'S', { env: { account: '111122223333', region: 'eu-west-1' } });
const granted = (config: Record<string, string>, worker: Record<string, string> = {}) =>
  referenceStatements(stack, config, worker).map((statement) => {
    const { Action, Resource } = statement.toStatementJson() as { Action: string; Resource: unknown };
    return [Action, JSON.stringify(stack.resolve(Resource)).replaceAll(/\{"Ref":"AWS::Partition"\}/g, '"aws"')];
  });

describe('referenceStatements', () => {
  it('grants nothing where nothing is referred to', () => {
    expect(granted({ 'connection.url': 'jdbc:postgresql://db/shop', 'connection.password': `\${env:PASSWORD}` })).toEqual([]);
  });

  it('grants each secret, parameter and object once, by name', () => {
    const found = granted(
      { a: `\${secretsManager:shop/db:user}`, b: `\${secretsManager:shop/db:password}`, c: `\${ssm:/shop/key}` },
      { 'ssl.truststore.certificates': `\${s3:certificates/ca.pem}` },
    );
    expect(found.map(([action]) => action)).toEqual(['secretsmanager:GetSecretValue', 'ssm:GetParameter', 's3:GetObject']);
    expect(found[0]?.[1]).toContain(':secretsmanager:eu-west-1:111122223333:secret:shop/db-??????');
    expect(found[1]?.[1]).toContain(':ssm:eu-west-1:111122223333:parameter/shop/key');
    expect(found[2]?.[1]).toContain(':s3:::certificates/ca.pem');
  });

  it('follows the names, classes and regions of the worker', () => {
    const worker = {
      'config.providers': 'vault,files',
      'config.providers.vault.class': 'com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider',
      'config.providers.vault.param.region': 'us-east-1',
      'config.providers.files.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    };
    const found = granted({ a: `\${vault:shop/db:password}`, b: `\${secretsManager:other:x}`, c: `\${files:/tmp/a:b}` }, worker);
    expect(found).toHaveLength(1);
    expect(found[0]?.[1]).toContain(':secretsmanager:us-east-1:111122223333:secret:shop/db-??????');
  });

  it('takes an ARN as it is', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf';
    expect(granted({ a: `\${secretsManager:${arn.replaceAll(':', '%3A')}:password}` })).toEqual([
      ['secretsmanager:GetSecretValue', JSON.stringify(arn)],
    ]);
  });
});
