import { type AwsEnvironment, callService } from './service-request.ts';

/**
 * Starts a function again, asynchronously; resolves when Lambda has queued the event. It passes on the trace header by which Lambda counts
 * recursions, so the function needs `RecursiveLoop: Allow`. Throws RetriableException or ConnectException.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeAsynchronously(functionName: string, payload: unknown, env: AwsEnvironment): Promise<void> {
  const trace = env._X_AMZN_TRACE_ID;
  await callService(
    {
      service: 'lambda',
      path: `/2015-03-31/functions/${functionName}/invocations`,
      headers: {
        'content-type': 'application/json',
        'x-amz-invocation-type': 'Event',
        ...(trace === undefined ? {} : { 'x-amzn-trace-id': trace }),
      },
      body: JSON.stringify(payload),
      doing: `invoking function ${functionName}`,
    },
    env,
  );
}
