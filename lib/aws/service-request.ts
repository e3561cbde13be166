import { ConnectException, RetriableException } from '../core/errors.ts';
import { type AwsCredentials, signPost } from './sign.ts';

/** One call of an AWS service. */
export interface ServiceRequest {
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
 * Sends one signed POST and answers its body. Three attempts; an SDK client would add 120 kB to a bundle for one small request. Throws
 * RetriableException when the service cannot be reached or throttles, ConnectException with its answer when it refuses.
 */
export async function callService(request: ServiceRequest, env: AwsEnvironment): Promise<string> {
  const { service, path, body, doing } = request;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? '';
  const url = new URL(path, endpointOf(service, region, env));
  for (let attempt = 1; ; attempt++) {
    const headers = signPost({ ...request, host: url.host, path: url.pathname, region, now: Date.now() }, credentialsOf(env));
    let failure: ConnectException;
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.ok) return text;
      const message = `${doing} failed: ${service} answered ${response.status} ${text.slice(0, 500)}`;
      if (response.status < 500 && response.status !== 429) throw new ConnectException(message, { code: 'service-refused' });
      failure = new RetriableException(message, { code: 'service-unavailable' });
    } catch (cause) {
      if (cause instanceof ConnectException) throw cause;
      failure = new RetriableException(`${doing} failed: ${url.host} cannot be reached: ${reasonOf(cause)}`, {
        cause,
        code: 'service-unavailable',
      });
    }
    if (attempt === ATTEMPTS) throw failure;
    await new Promise((resolve) => setTimeout(resolve, BACKOFF_MS * attempt));
  }
}

/** `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, else the service's own. */
function endpointOf(service: string, region: string, env: AwsEnvironment): string {
  const variable = `AWS_ENDPOINT_URL_${service.toUpperCase().replaceAll('-', '_')}`;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return env[variable] ?? env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.${suffix}`;
}

function credentialsOf({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: AwsEnvironment): AwsCredentials {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new ConnectException(
      'calling AWS needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment',
      {
        code: 'no-credentials',
      },
    );
  }
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
}

function reasonOf(error: unknown): string {
  const cause = (error as Error).cause;
  return cause instanceof Error ? cause.message : (error as Error).message;
}
