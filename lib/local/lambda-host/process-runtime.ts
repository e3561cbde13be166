import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { describeError, loadHandler, runHandler } from './handler.ts';

// Runs in the child process: the client of the Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html),
// which is all that the managed runtime has beside the handler.
const [hostname, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: `/2018-06-01/runtime/${path}`, agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// The host went away: nobody is left to answer to.
process.on('unhandledRejection', (error: { code?: string }) => process.exit(error?.code === 'ECONNRESET' ? 0 : 129));

try {
  const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT ?? '', process.env._HANDLER ?? '');
  for (;;) {
    const next = await call('GET', 'invocation/next');
    if (next.status !== 200) process.exit(0);
    const requestId = String(next.headers['lambda-runtime-aws-request-id']);
    const outcome = await runHandler(handler, {
      requestId,
      payload: next.body,
      deadlineMs: Number(next.headers['lambda-runtime-deadline-ms']),
      traceId: String(next.headers['lambda-runtime-trace-id']),
    });
    await call('POST', `invocation/${requestId}/${outcome.failed ? 'error' : 'response'}`, outcome.payload, {
      'x-open-handles': outcome.openHandles.join(','),
    });
  }
} catch (error) {
  await call('POST', 'init/error', JSON.stringify(describeError(error)));
  process.exit(1);
}
