import { ConfigException } from '../../../core/errors.ts';
import type { AwsCall } from '../aws-call.ts';
import type { ConfigData, ConfigProvider } from '../config-provider.ts';
import { jsonMembers } from '../json-members.ts';

/**
 * `${ssm:/shop/password}` or `${ssm::/shop/password}`: a parameter of Systems Manager, decrypted; `${ssm:/shop/db:password}`: a member of one that is a
 * JSON object. Parameters as for {@link SecretsManagerConfigProvider}.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export class SsmConfigProvider implements ConfigProvider {
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
    if (path !== '') return { data: jsonMembers(`parameter ${path}`, await this.#parameter(path), keys), ttlMs: this.#ttlMs };
    const data: Record<string, string> = {};
    for (const key of keys) data[key] = await this.#parameter(key);
    return { data, ttlMs: this.#ttlMs };
  }

  async #parameter(name: string): Promise<string> {
    const answer = await this.#call({
      service: 'ssm',
      target: 'AmazonSSM.GetParameter',
      body: { Name: name, WithDecryption: true },
      doing: `reading parameter ${name}`,
      region: this.#region,
    });
    const value = (answer as { readonly Parameter?: { readonly Value?: string } }).Parameter?.Value;
    if (value === undefined) throw new ConfigException(`parameter ${name} has no value`, { code: 'secret-empty' });
    return value;
  }
}
