import { callService } from '../../lib/aws/service-request.ts';
import { RetriableException } from '../../lib/core/errors.ts';

const FIRST_ANSWER_MS = 120_000;

/** Creates the secrets that the pipeline refers to; those that are there already stay as they are. */
export async function createSecrets(
  secrets: Readonly<Record<string, object>>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const call = (action: string, body: object): Promise<string> =>
    callService(
      {
        service: 'secretsmanager',
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${action}` },
        body: JSON.stringify(body),
        doing: `secretsmanager ${action}`,
      },
      env,
    );
  const { SecretList = [] } = JSON.parse(await listed(() => call('ListSecrets', {}))) as { SecretList?: { Name: string }[] };
  for (const [Name, value] of Object.entries(secrets)) {
    if (SecretList.some((secret) => secret.Name === Name)) continue;
    await call('CreateSecret', { Name, SecretString: JSON.stringify(value), ClientRequestToken: crypto.randomUUID() });
  }
}

/** LocalStack loads a service when it is first asked, which on a busy machine takes longer than a call may last. */
async function listed(call: () => Promise<string>): Promise<string> {
  const until = Date.now() + FIRST_ANSWER_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RetriableException) || Date.now() > until) throw error;
    }
  }
}
