import { callService } from '../../lib/aws/service-request.ts';

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
  const { SecretList = [] } = JSON.parse(await call('ListSecrets', {})) as { SecretList?: { Name: string }[] };
  for (const [Name, value] of Object.entries(secrets)) {
    if (SecretList.some((secret) => secret.Name === Name)) continue;
    await call('CreateSecret', { Name, SecretString: JSON.stringify(value), ClientRequestToken: crypto.randomUUID() });
  }
}
