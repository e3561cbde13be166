import { describe, expect, it } from 'vitest';
import { toConfigInfos } from '../../../lib/config/config-infos.ts';
import type { AwsCallRequest, AwsGetObject } from '../../../lib/config/providers/aws-call.ts';
import { allProviders } from '../../../lib/config/providers/aws-providers.ts';
import { createConfigProviders } from '../../../lib/config/providers/config-providers.ts';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { resolveVariables } from '../../../lib/config/variables.ts';
import { RetriableException } from '../../../lib/core/errors.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  'conf/db.json': '{"password":"from s3"}',
  'conf/db.properties': 'password=from properties\n',
  'conf/ca.pem': '-----BEGIN',
};

const SECRETS: Readonly<Record<string, unknown>> = {
  'shop/db': { SecretString: '{"user":"bob","password":"s3cret","port":5432}' },
  'shop/token': { SecretString: 'plain token' },
  'arn:aws:secretsmanager:eu-west-1:1:secret:x': { SecretBinary: Buffer.from('{"k":"binary"}').toString('base64') },
  '/shop/password': { Parameter: { Value: 'decrypted' } },
};

function providers(worker: Record<string, string> = {}) {
  const calls: AwsCallRequest[] = [];
  const call = (request: AwsCallRequest): Promise<unknown> => {
    calls.push(request);
    const name = (request.body.SecretId ?? request.body.Name) as string;
    return name in SECRETS ? Promise.resolve(SECRETS[name]) : Promise.reject(new RetriableException(`${request.doing} failed`));
  };
  const getObject: AwsGetObject = ({ bucket, key, doing }) => {
    const text = OBJECTS[`${bucket}/${key}`];
    return text === undefined ? Promise.reject(new RetriableException(`${doing} failed`)) : Promise.resolve(text);
  };
  return { providers: createConfigProviders(worker, { defaults: true, kinds: allProviders({ call, getObject }) }), calls };
}

const variable = (text: string) => `$${text}`;

describe('config providers of AWS', () => {
  it('reads members of JSON and .properties objects of S3, and whole objects', async () => {
    const { providers: known } = providers();
    const { props } = await resolveVariables(
      { a: variable('{s3:conf/db.json:password}'), b: variable('{s3:conf/db.properties:password}'), c: variable('{s3:conf/ca.pem}') },
      known,
    );

    expect(props).toEqual({ a: 'from s3', b: 'from properties', c: '-----BEGIN' });
  });

  it('says which member an object of S3 lacks, and that a place names no object', async () => {
    const { providers: known } = providers();

    await expect(resolveVariables({ a: variable('{s3:conf/db.properties:user}') }, known)).rejects.toThrow(
      /s3:\/\/conf\/db\.properties has no key user; it has: password/,
    );
    await expect(resolveVariables({ a: variable('{s3:conf:user}') }, known)).rejects.toThrow(/'conf' names no object of S3/);
  });

  it('replaces members of secrets, whole secrets and parameters, each asked once', async () => {
    const { providers: known, calls } = providers();
    const { props, secretKeys } = await resolveVariables(
      {
        a: `${variable('{secretsManager:shop/db:user}')}/${variable('{secretsManager:shop/db:password}')}`,
        b: variable('{secretsManager:shop/db:port}'),
        c: variable('{secretsManager:shop/token}'),
        d: variable('{secretsManager:arn%3Aaws%3Asecretsmanager%3Aeu-west-1%3A1%3Asecret%3Ax:k}'),
        e: variable('{ssm:/shop/password}'),
        f: variable('{ssm::/shop/password}'),
      },
      known,
    );
    expect(props).toEqual({ a: 'bob/s3cret', b: '5432', c: 'plain token', d: 'binary', e: 'decrypted', f: 'decrypted' });
    expect(secretKeys.size).toBe(6);
    expect(calls.map(({ target, body }) => [target, body.SecretId ?? body.Name])).toEqual([
      ['secretsmanager.GetSecretValue', 'shop/db'],
      ['secretsmanager.GetSecretValue', 'shop/token'],
      ['secretsmanager.GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:1:secret:x'],
      ['AmazonSSM.GetParameter', '/shop/password'],
    ]);
  });

  it('takes name, region and time to live from the worker', async () => {
    const { providers: known, calls } = providers({
      'config.providers': 'vault',
      'config.providers.vault.class': 'com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider',
      'config.providers.vault.param.region': 'eu-central-1',
      'config.providers.vault.param.ttl': '60000',
    });
    const resolved = await resolveVariables({ a: variable('{vault:shop/db:user}') }, known);
    expect([resolved.props.a, resolved.ttlMs, calls[0]?.region]).toEqual(['bob', 60_000, 'eu-central-1']);
  });

  it('names a missing key without showing the secret, and keeps an outage retriable', async () => {
    const { providers: known } = providers();
    await expect(resolveVariables({ a: variable('{secretsManager:shop/db:pasword}') }, known)).rejects.toThrow(
      /^secret shop\/db has no key pasword; it has: user, password, port$/,
    );
    await expect(resolveVariables({ a: variable('{secretsManager:shop/token:x}') }, known)).rejects.toThrow(
      /^secret shop\/token holds no JSON object with keys and values; leave the key out to take it whole$/,
    );
    await expect(resolveVariables({ a: variable('{secretsManager:gone:x}') }, known)).rejects.toMatchObject({ retriable: true });
  });

  it('is asked at validation only where that is wanted, and never shows what it answered', async () => {
    const { providers: known, calls } = providers();
    const request = {
      where: '',
      config: {
        name: 'c',
        'connector.class': 'FileStreamSource',
        topic: 't',
        file: variable('{secretsManager:shop/db:password}'),
        'tasks.max': variable('{secretsManager:shop/db:password}'),
      },
      worker: {},
      resolver: createPluginResolver(REGISTRY),
      providers: known,
      unknownKeys: 'refuse',
    } as const;
    expect((await validateConnector({ ...request, reach: false })).problems).toEqual([]);
    expect(calls).toEqual([]);
    const reached = await validateConnector(request);
    expect(reached.problems).toHaveLength(1);
    const shown = JSON.stringify([reached.problems, toConfigInfos('x', reached)]);
    expect(shown).not.toContain('s3cret');
    expect(shown).toContain('secretsManager:shop/db:password');
  });
});
