import { ConfigException } from '../../../core/errors.ts';
import type { AwsCall } from '../aws-call.ts';
import type { ConfigData, ConfigProvider } from '../config-provider.ts';
import { jsonMembers } from '../json-members.ts';

/**
 * `${secretsManager:shop/db:password}`: a member of a secret that is a JSON object; `${secretsManager:shop/token}`: a whole secret. In an ARN each colon
 * is written `%3A`. Parameters: `region`, `ttl` (ms after which a connector is told that the secret may have changed).
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class SecretsManagerConfigProvider implements ConfigProvider {
  readonly remote = true;
  readonly #call: AwsCall;
  #region: string | null = null;
  #ttlMs: number | null = null;

  constructor(call: AwsCall) {
    this.#call = call;
  }

  configure(params: Readonly<Record<string, string>>): void {
    this.#region = params.region ?? params['aws.region'] ?? null;
    this.#ttlMs = params.ttl === undefined ? null : Number(params.ttl);
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ConfigData> {
    if (path !== '') return { data: jsonMembers(`secret ${path}`, await this.#secret(path), keys), ttlMs: this.#ttlMs };
    const data: Record<string, string> = {};
    for (const key of keys) data[key] = await this.#secret(key);
    return { data, ttlMs: this.#ttlMs };
  }

  async #secret(name: string): Promise<string> {
    const answer = await this.#call({
      service: 'secretsmanager',
      target: 'secretsmanager.GetSecretValue',
      body: { SecretId: name.replaceAll(/%3A/gi, ':') },
      doing: `reading secret ${name}`,
      region: this.#region,
    });
    const { SecretString: text, SecretBinary: binary } = answer as { readonly SecretString?: string; readonly SecretBinary?: string };
    if (text !== undefined) return text;
    if (binary !== undefined) return Buffer.from(binary, 'base64').toString('utf8');
    throw new ConfigException(`secret ${name} has no value`, { code: 'secret-empty' });
  }
}
