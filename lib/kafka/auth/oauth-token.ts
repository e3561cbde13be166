import { ConfigException } from '../../core/errors.ts';
import { KafkaException } from '../errors.ts';
import type { JaasEntry } from './jaas.ts';

/** Where tokens come from. */
export interface OAuthSettings {
  /** `sasl.oauthbearer.token.endpoint.url`; null = unsecured tokens, for development only. */
  readonly tokenEndpoint: string | null;
  readonly jaas: JaasEntry;
  readonly timeoutMs: number;
}

/** What is sent to the broker. */
export interface OAuthToken {
  readonly value: string;
  readonly extensions: Readonly<Record<string, string>>;
}

const CLAIM = /^unsecuredLogin(String|Number|List)Claim_(.+)$/;
const EXTENSION = /^(?:extension_|unsecuredLoginExtension_)(.+)$/;

/**
 * Fetches a token by the client credentials grant (RFC 6749 §4.4; KIP-768), with `clientId`, `clientSecret` and `scope` of the JAAS
 * entry; or makes an unsecured one (RFC 7515) of `unsecuredLogin…Claim_…` options. Throws KafkaException; an endpoint that cannot be
 * reached is retriable.
 */
export async function oauthToken(settings: OAuthSettings, now: number): Promise<OAuthToken> {
  const { options } = settings.jaas;
  const extensions: Record<string, string> = {};
  for (const [key, value] of Object.entries(options)) {
    const name = EXTENSION.exec(key)?.[1];
    if (name !== undefined) extensions[name] = value;
  }
  const value = settings.tokenEndpoint === null ? unsecuredToken(options, now) : await fetchToken(settings.tokenEndpoint, settings);
  return { value, extensions };
}

async function fetchToken(endpoint: string, { jaas, timeoutMs }: OAuthSettings): Promise<string> {
  const { clientId, clientSecret, scope } = jaas.options;
  if (!clientId || !clientSecret)
    throw new ConfigException('sasl.jaas.config needs clientId and clientSecret for sasl.mechanism OAUTHBEARER');
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) });
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, accept: 'application/json' },
      body: form,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw failure(`the token endpoint ${endpoint} cannot be reached: ${(error as Error).message}`, true, error);
  }
  if (!response.ok) {
    throw failure(`the token endpoint ${endpoint} answered ${response.status} ${response.statusText}`, response.status >= 500);
  }
  const answer = (await response.json().catch(() => null)) as { access_token?: unknown } | null;
  if (typeof answer?.access_token !== 'string') throw failure(`the answer of the token endpoint ${endpoint} has no access_token`, false);
  return answer.access_token;
}

function unsecuredToken(options: Readonly<Record<string, string>>, now: number): string {
  const claims: Record<string, unknown> = { iat: now / 1000, exp: now / 1000 + Number(options.unsecuredLoginLifetimeSeconds ?? 3600) };
  for (const [key, value] of Object.entries(options)) {
    const [, type, name] = CLAIM.exec(key) ?? [];
    if (name === undefined) continue;
    claims[name] = type === 'Number' ? Number(value) : type === 'List' ? value.slice(1).split(value[0] ?? ',') : value;
  }
  if (claims.sub === undefined) {
    throw new ConfigException(
      'sasl.mechanism OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url, or unsecuredLoginStringClaim_sub in sasl.jaas.config',
    );
  }
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}

function failure(message: string, retriable: boolean, cause?: unknown): KafkaException {
  return new KafkaException(message, {
    kafkaCode: null,
    retriable,
    javaClass: 'org.apache.kafka.common.errors.SaslAuthenticationException',
    cause,
  });
}
