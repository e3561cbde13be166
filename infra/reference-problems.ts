import type { ConfigProblem } from '../lib/config/problems.ts';
import { variablesIn } from '../lib/config/variables.ts';
import type { ConfigDef } from '../lib/core/config/config-def.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';
import { providerClasses } from './constructs/secret-access.ts';

/** Providers that look at the machine a worker runs on, by name and class, with what a function lacks. */
const MACHINE: Readonly<Record<string, string>> = {
  env: 'environment variable',
  file: 'file',
  dir: 'folder',
  EnvVarConfigProvider: 'environment variable',
  FileConfigProvider: 'file',
  DirectoryConfigProvider: 'folder',
};
/** Worker and client keys that are secrets; with `producer.` and the like before them too. */
const CLIENT_SECRETS = /(^|\.)(ssl\.key\.password|ssl\.keystore\.(password|key)|ssl\.truststore\.password|sasl\.jaas\.config)$/;
const LOGIN_PASSWORD = /(password|clientSecret)="(?!\$\{)[^"]+"/;
const REMEDY = 'put it into Secrets Manager and write ${secretsManager:NAME:MEMBER}, or ${ssm:NAME}';

/** References that no function can follow, and secrets that would stand in the template as they are. */
export function referenceProblems(
  where: string,
  props: ConnectorProps,
  worker: ConnectorProps,
  configDef: ConfigDef | null,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const classes = providerClasses(worker);
  for (const [key, value] of Object.entries(props)) {
    const refuse = (shown: string | null, message: string): void =>
      void problems.push({ severity: 'error', where, key, value: shown, message, remedy: REMEDY });
    for (const { provider, path, key: member, text } of variablesIn(value)) {
      const lacking = MACHINE[classes.get(provider) ?? provider];
      if (lacking !== undefined)
        refuse(value, `${text} refers to the ${lacking} '${path === '' ? member : path}', which a function does not have`);
    }
    const isSecret = configDef?.keys.get(key)?.type === 'PASSWORD' || (CLIENT_SECRETS.test(key) && !key.endsWith('sasl.jaas.config'));
    const literal = isSecret
      ? value.trim() !== '' && variablesIn(value).length === 0
      : CLIENT_SECRETS.test(key) && LOGIN_PASSWORD.test(value);
    if (literal) refuse(null, 'the secret itself would stand in the template');
  }
  return problems;
}
