import type { AwsEnvironment } from '../../../aws/service-request.ts';
import type { Clock, Random } from '../../../core/clock.ts';
import type { S3Client } from '../client.ts';
import { credentialsSource } from '../credentials.ts';
import { RestS3Client } from '../rest-client.ts';
import type { SourceSettings } from './source-settings.ts';

/** What the client takes from the task. */
export interface SourceClientContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly env: AwsEnvironment;
}

/** The client of the source's bucket, as configured. */
export function openSourceClient({ bucket, parsed }: SourceSettings, { clock, random, signal, env }: SourceClientContext): S3Client {
  const region = parsed.getText('s3.region');
  const url = parsed.getString('store.url')?.trim() ?? '';
  const endpoint = url === '' ? (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL ?? null) : url;
  return new RestS3Client({
    bucket,
    region,
    endpoint: endpoint === null || /^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`,
    pathStyle: parsed.getBoolean('s3.path.style.access.enabled'),
    accelerate: parsed.getBoolean('s3.wan.mode'),
    credentials: credentialsSource({
      providerClass: parsed.getText('s3.credentials.provider.class'),
      accessKeyId: parsed.getText('aws.access.key.id'),
      secretAccessKey: parsed.getPassword('aws.secret.access.key')?.reveal() ?? null,
      providerProps: parsed.withPrefix('s3.credentials.provider.'),
      region,
      env,
      clock,
    }),
    attempts: Math.max(1, parsed.getNumber('s3.part.retries')),
    retryBackoffMs: Number(parsed.getLong('s3.retry.backoff.ms')),
    clock,
    random,
    signal,
  });
}
