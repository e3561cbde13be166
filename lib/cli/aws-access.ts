import type { AwsEnvironment } from '../aws/service-request.ts';
import { ConnectException } from '../core/errors.ts';

/** Region and credentials for the calls of one command, as variables. */
export interface AwsAccess {
  readonly env: AwsEnvironment;
}

/**
 * Region and credentials as AWS's own tools find them: variables, or else profiles, single sign-on, containers, instances. Throws
 * ConnectException (`no-credentials`).
 */
export async function awsAccess(env: AwsEnvironment): Promise<AwsAccess> {
  const hasRegion = (env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? '') !== '';
  if (env.AWS_PROFILE === undefined && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY && hasRegion) return { env };
  // The only SDK client of this package already knows every place to look at; it makes no request of its own here.
  const { createDynamoDbClient } = await import('../state/dynamodb/create-client.ts');
  const client = createDynamoDbClient(hasRegion ? { region: (env.AWS_REGION ?? env.AWS_DEFAULT_REGION) as string } : {});
  try {
    const region = await client.config.region();
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    return {
      env: {
        ...env,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectException(
      `AWS needs credentials and a region: ${why}; set AWS_PROFILE, or AWS_REGION and AWS_ACCESS_KEY_ID, or --region`,
      {
        cause,
        code: 'no-credentials',
      },
    );
  } finally {
    client.destroy();
  }
}
