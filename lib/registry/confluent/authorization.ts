import type { Clock } from '../../core/clock.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import { ConfigException } from '../../core/errors.ts';
import { RegistryUnreachable, RestClientException } from '../registry-errors.ts';
import { type HttpSettings, sendHttp } from './http-client.ts';

/** The headers that prove who asks; asked for each request, since tokens end. `userInfo` is that of the URL, decoded; '' = none. */
export type Authorization = (userInfo: string) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** How requests are authorized (`basic.auth.*`, `bearer.auth.*`). ConfigException for what is missing or not supported here. */
export function authorizationOf(config: ParsedConfig, http: HttpSettings, clock: Clock): Authorization {
  const basic = Object.hasOwn(config.originals, 'basic.auth.credentials.source');
  const bearer = Object.hasOwn(config.originals, 'bearer.auth.credentials.source');
  if (basic && bearer) {
    throw new ConfigException('Only one of basic.auth.credentials.source and bearer.auth.credentials.source can be set');
  }
  return bearer ? bearerOf(config, http, clock) : basicOf(config);
}

function basicOf(config: ParsedConfig): Authorization {
  const source = config.getText('basic.auth.credentials.source');
  switch (source) {
    case 'URL':
      return (userInfo) => (userInfo === '' ? {} : basicHeader(userInfo));
    case 'USER_INFO': {
      const userInfo =
        config.getPassword('basic.auth.user.info')?.reveal() || config.getPassword('schema.registry.basic.auth.user.info')?.reveal();
      if (!userInfo) throw new ConfigException('UserInfo must be provided when basic.auth.credentials.source is set to USER_INFO');
      return () => basicHeader(userInfo);
    }
    case 'SASL_INHERIT': {
      const jaas = config.getPassword('sasl.jaas.config')?.reveal() ?? '';
      const option = (name: string) => new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`).exec(jaas);
      const [user, password] = [option('username'), option('password')].map((match) => match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2]);
      if (user === undefined || password === undefined) {
        throw new ConfigException('basic.auth.credentials.source=SASL_INHERIT needs sasl.jaas.config with username and password beside it');
      }
      return () => basicHeader(`${user}:${password}`);
    }
    default:
      throw ConfigException.invalid('basic.auth.credentials.source', source, 'allowed are URL, USER_INFO and SASL_INHERIT');
  }
}

function basicHeader(userInfo: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(userInfo, 'utf8').toString('base64')}` };
}

function bearerOf(config: ParsedConfig, http: HttpSettings, clock: Clock): Authorization {
  const extra: Record<string, string> = {};
  const cluster = config.getString('bearer.auth.logical.cluster');
  const pool = config.getString('bearer.auth.identity.pool.id');
  if (cluster) extra['target-sr-cluster'] = cluster;
  if (pool) extra['confluent-identity-pool-id'] = pool;
  const source = config.getText('bearer.auth.credentials.source');
  switch (source) {
    case 'STATIC_TOKEN': {
      const token = config.getPassword('bearer.auth.token')?.reveal();
      if (!token) throw new ConfigException('bearer.auth.credentials.source=STATIC_TOKEN needs bearer.auth.token');
      return () => ({ ...extra, authorization: `Bearer ${token}` });
    }
    case 'OAUTHBEARER': {
      const token = oauthToken(config, http, clock);
      return async () => ({ ...extra, authorization: `Bearer ${await token()}` });
    }
    default:
      throw ConfigException.invalid('bearer.auth.credentials.source', source, 'allowed here are STATIC_TOKEN and OAUTHBEARER');
  }
}

/** A token by the client credentials grant (RFC 6749 §4.4), fetched again shortly before it ends. */
function oauthToken(config: ParsedConfig, http: HttpSettings, clock: Clock): () => Promise<string> {
  const required = (name: string, value: string | null | undefined): string => {
    if (!value) throw new ConfigException(`bearer.auth.credentials.source=OAUTHBEARER needs ${name}`);
    return value;
  };
  const endpoint = new URL(required('bearer.auth.issuer.endpoint.url', config.getString('bearer.auth.issuer.endpoint.url')));
  const id = required('bearer.auth.client.id', config.getString('bearer.auth.client.id'));
  const secret = required('bearer.auth.client.secret', config.getPassword('bearer.auth.client.secret')?.reveal());
  const scope = config.getString('bearer.auth.scope');
  const bufferMs = config.getNumber('bearer.auth.cache.expiry.buffer.seconds') * 1000;
  let known: { readonly token: string; readonly until: number } | null = null;
  return async () => {
    if (known !== null && clock.now() < known.until) return known.token;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) }).toString();
    const headers = {
      ...basicHeader(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`),
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    };
    const answer = await sendHttp('POST', endpoint, headers, form, http).catch((error: Error) => {
      throw new RegistryUnreachable(`the token endpoint ${endpoint.host} cannot be reached: ${error.message}`, { cause: error });
    });
    const parsed = answer.status === 200 ? (JSON.parse(answer.text) as { access_token?: string; expires_in?: number }) : {};
    if (parsed.access_token === undefined) {
      throw new RestClientException(
        `the token endpoint ${endpoint.host} answered ${answer.status}`,
        answer.status < 500 ? 401 : 503,
        answer.status,
      );
    }
    const lifeMs = (parsed.expires_in ?? 300) * 1000;
    known = { token: parsed.access_token, until: clock.now() + (lifeMs > bufferMs ? lifeMs - bufferMs : lifeMs / 2) };
    return known.token;
  };
}
