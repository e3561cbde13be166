import type { AwsAccess } from './aws-call.ts';
import { type ConfigProviderKind, LOCAL_PROVIDERS } from './config-providers.ts';
import { S3ConfigProvider } from './s3/s3-config-provider.ts';
import { SecretsManagerConfigProvider } from './secrets-manager/secrets-manager-config-provider.ts';
import { SsmConfigProvider } from './ssm/ssm-config-provider.ts';

/** Every provider, those of AWS included; `access` reaches the services. Nothing is called before a variable is resolved. */
export function allProviders({ call, getObject }: AwsAccess): readonly ConfigProviderKind[] {
  return [
    ...LOCAL_PROVIDERS,
    {
      name: 'secretsManager',
      classNames: [
        'com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider',
        'io.confluent.csid.config.provider.aws.SecretsManagerConfigProvider',
        'com.github.jcustenborder.kafka.config.aws.SecretsManagerConfigProvider',
        'SecretsManagerConfigProvider',
      ],
      create: () => new SecretsManagerConfigProvider(call),
    },
    {
      name: 'ssm',
      classNames: ['com.amazonaws.kafka.config.providers.SsmParamStoreConfigProvider', 'SsmParamStoreConfigProvider'],
      create: () => new SsmConfigProvider(call),
    },
    {
      name: 's3',
      classNames: ['com.amazonaws.kafka.config.providers.S3ImportConfigProvider', 'S3ConfigProvider'],
      create: () => new S3ConfigProvider(getObject),
    },
  ];
}
