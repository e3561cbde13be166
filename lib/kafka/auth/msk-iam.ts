import { presignGet } from '../../aws/sign.ts';
import { ConfigException } from '../../core/errors.ts';

/** Environment variables that hold credentials, as Lambda and the AWS tools set them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const LIFETIME_SECONDS = 900;

/**
 * The token by which Amazon MSK recognises an IAM identity over SASL OAUTHBEARER: a presigned request in base64url.
 * https://github.com/aws/aws-msk-iam-sasl-signer-js makes the same one with the AWS SDK, at 509 kB. Credentials are read when the
 * token is made, since Lambda renews them.
 */
export function mskIamToken(region: string, environment: Environment, now: number): string {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  if (!accessKeyId || !secretAccessKey) {
    throw new ConfigException(
      'sasl.mechanism AWS_MSK_IAM needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment',
    );
  }
  const url = presignGet(
    {
      host: `kafka.${region}.amazonaws.com`,
      service: 'kafka-cluster',
      region,
      query: { Action: 'kafka-cluster:Connect' },
      expiresInSeconds: LIFETIME_SECONDS,
      now,
    },
    { accessKeyId, secretAccessKey, sessionToken },
  );
  return Buffer.from(`${url}&User-Agent=serverless-connect`).toString('base64url');
}

/** Region of a cluster: from the environment, else from the broker's name (`b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com`). */
export function mskRegion(environment: Environment, brokers: readonly string[]): string {
  const named = brokers.map((broker) => /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(broker)?.[1]).find(Boolean);
  const region = named ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  if (region) return region;
  throw new ConfigException('sasl.mechanism AWS_MSK_IAM needs a region: neither bootstrap.servers nor AWS_REGION names one');
}
