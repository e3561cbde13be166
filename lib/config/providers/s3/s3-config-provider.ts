import { ConfigException } from '../../../core/errors.ts';
import { parseProperties } from '../../properties.ts';
import type { AwsGetObject } from '../aws-call.ts';
import { jsonMembers } from '../json-members.ts';
import { RemoteConfigProvider } from '../remote-config-provider.ts';

/**
 * `${s3:bucket/path/db.json:password}`: a member of an object in S3 that is JSON, or a key of one that is a `.properties` text; without a key
 * (`${s3:bucket/path/ca.pem}`) the whole text. Parameters: `region`, `ttl` in ms.
 */
export class S3ConfigProvider extends RemoteConfigProvider {
  readonly #getObject: AwsGetObject;

  constructor(getObject: AwsGetObject) {
    super();
    this.#getObject = getObject;
  }

  protected members(place: string, text: string, keys: ReadonlySet<string>): Record<string, string> {
    return members(place, text, keys);
  }

  protected async read(place: string): Promise<string> {
    const slash = place.indexOf('/');
    if (slash <= 0 || slash === place.length - 1) {
      throw new ConfigException(`'${place}' names no object of S3; write ${'${s3:BUCKET/KEY:MEMBER}'}`, { code: 'object-not-named' });
    }
    return this.#getObject({
      bucket: place.slice(0, slash),
      key: place.slice(slash + 1),
      doing: `reading s3://${place}`,
      region: this.region,
    });
  }
}

function members(path: string, text: string, keys: ReadonlySet<string>): Record<string, string> {
  if (/^\s*\{/.test(text)) return jsonMembers(`s3://${path}`, text, keys);
  const properties = parseProperties(text);
  const missing = [...keys].find((key) => !Object.hasOwn(properties, key));
  if (missing !== undefined) {
    throw new ConfigException(`s3://${path} has no key ${missing}; it has: ${Object.keys(properties).join(', ')}`, {
      code: 'secret-without-key',
    });
  }
  return Object.fromEntries([...keys].map((key) => [key, properties[key] as string]));
}
