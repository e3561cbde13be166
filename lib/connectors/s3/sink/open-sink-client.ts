import type { AwsEnvironment } from '../../../aws/service-request.ts';
import type { Clock, Random } from '../../../core/clock.ts';
import type { S3Client } from '../client.ts';
import { credentialsSource } from '../credentials.ts';
import { RestS3Client } from '../rest-client.ts';
import type { SinkSettings } from './sink-settings.ts';

/** What the client takes from the task. */
export interface SinkClientContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly env: AwsEnvironment;
}

/** The client of the sink's bucket, as configured. */
export function openSinkClient(settings: SinkSettings, { clock, random, signal, env }: SinkClientContext): S3Client {
  const { parsed } = settings;
  const region = parsed.getText('s3.region');
  const url = parsed.getString('store.url')?.trim() ?? '';
  const endpoint = url === '' ? (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL ?? null) : url;
  return new RestS3Client({
    bucket: settings.bucket,
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
    attempts: Math.max(1, settings.partRetries),
    retryBackoffMs: settings.requestBackoffMs,
    clock,
    random,
    signal,
  });
}
