import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ConnectException, RetriableException } from '../core/errors.ts';
import { type AwsCredentials, percentEncode, presignedQuery, sha256, signRequest } from './sign.ts';

/** One call of an AWS service. */
export interface ServiceRequest {
  /** @default POST */
  readonly method?: 'POST' | 'PUT';
  /** As in host names and signatures, e.g. `lambda`. */
  readonly service: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** What the call does, for messages: `reading secret shop/db`. */
  readonly doing: string;
}

/** Where credentials, region and endpoints come from: the variables that Lambda and the AWS tools set. */
export type AwsEnvironment = Readonly<Record<string, string | undefined>>;

const ATTEMPTS = 3;
const TIMEOUT_MS = 3_000;
const BACKOFF_MS = 100;

/**
 * Sends one signed request and answers its body. Three attempts; an SDK client would add 120 kB to a bundle for one small request. Throws
 * RetriableException when the service cannot be reached or throttles, ConnectException with its answer when it refuses.
 */
export async function callService(request: ServiceRequest, env: AwsEnvironment): Promise<string> {
  const { service, path, body, doing, headers, method = 'POST' } = request;
  const region = regionOf(env);
  const url = new URL(path, endpointOf(service, region, env));
  return attempted({ service, doing, host: url.host }, () => {
    const sent = { method, service, region, host: url.host, path: url.pathname, headers, payloadHash: sha256(body), now: Date.now() };
    return send(method, url, signRequest(sent, credentialsOf(env)), body);
  });
}

/**
 * Reads an object of S3 as UTF-8 text. Path style, so that any bucket name works under one host and any endpoint. Errors and attempts as
 * {@link callService}.
 */
export async function getObject(
  object: { readonly bucket: string; readonly key: string; readonly doing: string },
  env: AwsEnvironment,
): Promise<string> {
  const region = regionOf(env);
  const path = `/${object.bucket}/${object.key.split('/').map(percentEncode).join('/')}`;
  const endpoint = new URL(endpointOf('s3', region, env));
  return attempted({ service: 's3', doing: object.doing, host: endpoint.host }, () => {
    const query = presignedQuery(
      { host: endpoint.host, path, service: 's3', region, query: {}, expiresInSeconds: 60, now: Date.now(), payload: 'UNSIGNED-PAYLOAD' },
      credentialsOf(env),
    );
    return send('GET', new URL(`${path}?${query}`, endpoint), {}, null);
  });
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function attempted(
  { service, doing, host }: { service: string; doing: string; host: string },
  call: () => Promise<Answer>,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    let failure: ConnectException;
    try {
      const answer = await call();
      if (answer.status < 300) return answer.text;
      const message = `${doing} failed: ${service} answered ${answer.status} ${answer.text.slice(0, 500)}`;
      if (answer.status < 500 && answer.status !== 429) throw new ConnectException(message, { code: 'service-refused' });
      failure = new RetriableException(message, { code: 'service-unavailable' });
    } catch (cause) {
      if (cause instanceof ConnectException) throw cause;
      const message = `${doing} failed: ${host} cannot be reached: ${(cause as Error).message}`;
      failure = new RetriableException(message, { cause, code: 'service-unavailable' });
    }
    if (attempt === ATTEMPTS) throw failure;
    await new Promise((resolve) => setTimeout(resolve, BACKOFF_MS * attempt));
  }
}

// Not fetch: its pool keeps an immediate pending after the answer, and a handler is to leave nothing behind.
function send(method: 'GET' | 'POST' | 'PUT', url: URL, headers: Record<string, string>, body: string | null): Promise<Answer> {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = open(url, { method, headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

/** The region that the environment names; empty = none. */
export function regionOf(env: AwsEnvironment): string {
  return env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? '';
}

/** `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, else the service's own. */
export function endpointOf(service: string, region: string, env: AwsEnvironment): string {
  const variable = `AWS_ENDPOINT_URL_${service.toUpperCase().replaceAll('-', '_')}`;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return env[variable] ?? env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.${suffix}`;
}

/** The credentials in an environment. Throws ConnectException where there are none. */
export function credentialsOf({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: AwsEnvironment): AwsCredentials {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new ConnectException(
      'calling AWS needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment',
      { code: 'no-credentials' },
    );
  }
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
}
