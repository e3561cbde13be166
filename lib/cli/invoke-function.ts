import { credentialsOf, endpointOf, regionOf } from '../aws/service-request.ts';
import { percentEncode, sha256, signRequest } from '../aws/sign.ts';
import { ConnectException } from '../core/errors.ts';
import type { AwsAccess } from './aws-access.ts';
import { sendHttp } from './http.ts';

/**
 * Invokes a function and waits for what it answers (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). Sent once: a second attempt
 * could run it twice. Throws ConnectException: `unreachable`, `service-refused`, or `function-failed` with the function's own message.
 */
export async function invokeAndWait(name: string, event: unknown, { env }: AwsAccess, timeoutMs: number): Promise<unknown> {
  const region = regionOf(env);
  const origin = new URL(endpointOf('lambda', region, env));
  const path = `/2015-03-31/functions/${percentEncode(name)}/invocations`;
  const body = JSON.stringify(event);
  const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' };
  const request = {
    method: 'POST',
    host: origin.host,
    path,
    service: 'lambda',
    region,
    headers,
    payloadHash: sha256(body),
    now: Date.now(),
  };
  const signed = signRequest(request, credentialsOf(env));
  const answer = await sendHttp({ method: 'POST', origin, target: path, headers: { ...signed, host: origin.host }, body, timeoutMs });
  const text = answer.body.toString();
  if (answer.status >= 300)
    throw new ConnectException(`invoking function ${name} failed: lambda answered ${answer.status} ${text.slice(0, 500)}`, {
      code: 'service-refused',
    });
  const value = text === '' ? null : (JSON.parse(text) as unknown);
  if (answer.headers['x-amz-function-error'] !== undefined) {
    const { errorMessage, errorType } = (value ?? {}) as { errorMessage?: string; errorType?: string };
    throw new ConnectException(`function ${name} failed: ${errorType ?? 'Error'}: ${errorMessage ?? text.slice(0, 500)}`, {
      code: 'function-failed',
    });
  }
  return value;
}
