import { type AwsEnvironment, callService, credentialsOf } from '../../aws/service-request.ts';
import type { AwsCredentials } from '../../aws/sign.ts';
import type { Clock } from '../../core/clock.ts';
import { ConfigException } from '../../core/errors.ts';
import { textOf } from './xml.ts';

/** Credentials for one request; asked each time, so that temporary ones are replaced before they expire. */
export type CredentialsSource = () => Promise<AwsCredentials>;

export const DEFAULT_PROVIDER = 'software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider';
export const ASSUME_ROLE_PROVIDER = 'io.confluent.connect.s3.auth.AwsAssumeRoleCredentialsProvider';
/** Classes that may be named; the SDK's own variations of the default chain are all the environment here. */
export const CREDENTIALS_PROVIDERS: readonly string[] = [
  DEFAULT_PROVIDER,
  ASSUME_ROLE_PROVIDER,
  'software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider',
  'software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider',
];

/** What is configured of credentials. */
export interface CredentialsInit {
  readonly providerClass: string;
  /** Empty = not given. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string | null;
  /** Keys with the prefix `s3.credentials.provider.`, without it. */
  readonly providerProps: Readonly<Record<string, string>>;
  readonly region: string;
  readonly env: AwsEnvironment;
  readonly clock: Clock;
}

/** Temporary credentials are replaced so long before they expire. */
const EXPIRY_MARGIN_MS = 60_000;

/** Where credentials come from. Throws ConfigException for an incomplete role. */
export function credentialsSource(init: CredentialsInit): CredentialsSource {
  const own = init.accessKeyId.trim() !== '' && (init.secretAccessKey ?? '').trim() !== '';
  const basic = (): AwsCredentials =>
    own ? { accessKeyId: init.accessKeyId, secretAccessKey: init.secretAccessKey as string } : credentialsOf(init.env);
  return init.providerClass === ASSUME_ROLE_PROVIDER ? assumedRole(init, basic) : async () => basic();
}

function assumedRole({ providerProps, region, env, clock }: CredentialsInit, basic: () => AwsCredentials): CredentialsSource {
  const required = (name: string) => {
    const value = providerProps[name];
    if (value === undefined) throw new ConfigException(`Missing required configuration "${name}" which has no default value.`);
    return value;
  };
  const query = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    ExternalId: required('sts.role.external.id'),
    RoleArn: required('sts.role.arn'),
    RoleSessionName: required('sts.role.session.name'),
  });
  let current: { readonly credentials: AwsCredentials; readonly expiresAt: number } | null = null;
  return async () => {
    if (current !== null && clock.now() < current.expiresAt - EXPIRY_MARGIN_MS) return current.credentials;
    const { accessKeyId, secretAccessKey, sessionToken } = basic();
    const answer = await callService(
      {
        service: 'sts',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: query.toString(),
        doing: `assuming role ${providerProps['sts.role.arn']}`,
      },
      {
        ...env,
        AWS_REGION: providerProps['sts.region'] || region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    );
    const credentials = {
      accessKeyId: textOf(answer, 'AccessKeyId'),
      secretAccessKey: textOf(answer, 'SecretAccessKey'),
      sessionToken: textOf(answer, 'SessionToken'),
    };
    current = { credentials, expiresAt: Date.parse(textOf(answer, 'Expiration')) };
    return credentials;
  };
}
