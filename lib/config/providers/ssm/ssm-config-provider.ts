import { ConfigException } from '../../../core/errors.ts';
import type { AwsCall } from '../aws-call.ts';
import { jsonMembers } from '../json-members.ts';
import { RemoteConfigProvider } from '../remote-config-provider.ts';

/**
 * `${ssm:/shop/password}` or `${ssm::/shop/password}`: a parameter of Systems Manager, decrypted; `${ssm:/shop/db:password}`: a member of one that is a
 * JSON object. Parameters as for {@link SecretsManagerConfigProvider}.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export class SsmConfigProvider extends RemoteConfigProvider {
  readonly #call: AwsCall;

  constructor(call: AwsCall) {
    super();
    this.#call = call;
  }

  protected members(name: string, text: string, keys: ReadonlySet<string>): Record<string, string> {
    return jsonMembers(`parameter ${name}`, text, keys);
  }

  protected async read(name: string): Promise<string> {
    const answer = await this.#call({
      service: 'ssm',
      target: 'AmazonSSM.GetParameter',
      body: { Name: name, WithDecryption: true },
      doing: `reading parameter ${name}`,
      region: this.region,
    });
    const value = (answer as { readonly Parameter?: { readonly Value?: string } }).Parameter?.Value;
    if (value === undefined) throw new ConfigException(`parameter ${name} has no value`, { code: 'secret-empty' });
    return value;
  }
}
