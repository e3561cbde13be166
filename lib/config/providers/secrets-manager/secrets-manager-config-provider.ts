import { ConfigException } from '../../../core/errors.ts';
import type { AwsCall } from '../aws-call.ts';
import { jsonMembers } from '../json-members.ts';
import { RemoteConfigProvider } from '../remote-config-provider.ts';

/**
 * `${secretsManager:shop/db:password}`: a member of a secret that is a JSON object; `${secretsManager:shop/token}`: a whole secret. In an ARN each colon
 * is written `%3A`. Parameters: `region`, `ttl` (ms after which a connector is told that the secret may have changed).
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class SecretsManagerConfigProvider extends RemoteConfigProvider {
  readonly #call: AwsCall;

  constructor(call: AwsCall) {
    super();
    this.#call = call;
  }

  protected members(name: string, text: string, keys: ReadonlySet<string>): Record<string, string> {
    return jsonMembers(`secret ${name}`, text, keys);
  }

  protected async read(name: string): Promise<string> {
    const answer = await this.#call({
      service: 'secretsmanager',
      target: 'secretsmanager.GetSecretValue',
      body: { SecretId: name.replaceAll(/%3A/gi, ':') },
      doing: `reading secret ${name}`,
      region: this.region,
    });
    const { SecretString: text, SecretBinary: binary } = answer as { readonly SecretString?: string; readonly SecretBinary?: string };
    if (text !== undefined) return text;
    if (binary !== undefined) return Buffer.from(binary, 'base64').toString('utf8');
    throw new ConfigException(`secret ${name} has no value`, { code: 'secret-empty' });
  }
}
