import { ConfigException } from '../../core/errors.ts';
import type { ClientSettings } from '../kafka-clients.ts';
import { parseJaas } from './jaas.ts';
import { type Environment, mskIamToken, mskRegion } from './msk-iam.ts';
import { type OAuthToken, oauthToken } from './oauth-token.ts';

/** How to log in. */
export type SaslLogin =
  | { readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<OAuthToken> };

/** What a token needs beside the settings. */
export interface SaslContext {
  readonly environment: Environment;
  readonly now: () => number;
}

/** Mechanisms that can be used; `AWS_MSK_IAM` travels as OAUTHBEARER. */
const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'AWS_MSK_IAM'] as const;

/** The login of `sasl.mechanism` and `sasl.jaas.config`. Throws ConfigException; its text holds no secret. */
export function saslLogin(settings: ClientSettings, context: SaslContext): SaslLogin {
  const mechanism = settings['sasl.mechanism'] ?? 'GSSAPI';
  const brokers = (settings['bootstrap.servers'] ?? '').split(',');
  if (mechanism === 'AWS_MSK_IAM' || isMskIamCallback(settings)) {
    const region = mskRegion(context.environment, brokers);
    return {
      mechanism: 'OAUTHBEARER',
      token: async () => ({ value: mskIamToken(region, context.environment, context.now()), extensions: {} }),
    };
  }
  if (!(SASL_MECHANISMS as readonly string[]).includes(mechanism)) {
    throw ConfigException.invalid('sasl.mechanism', mechanism, `it is one of ${SASL_MECHANISMS.join(', ')} here`);
  }
  const text = settings['sasl.jaas.config'];
  if (text === undefined) throw new ConfigException(`sasl.mechanism ${mechanism} needs sasl.jaas.config`);
  const jaas = parseJaas(text);
  if (mechanism === 'OAUTHBEARER') {
    const oauth = {
      tokenEndpoint: settings['sasl.oauthbearer.token.endpoint.url'] ?? null,
      jaas,
      timeoutMs: Number(settings['sasl.login.connect.timeout.ms'] ?? 10_000),
    };
    return { mechanism, token: () => oauthToken(oauth, context.now()) };
  }
  const { username, password } = jaas.options;
  if (username === undefined || password === undefined) {
    throw new ConfigException(`sasl.jaas.config needs username and password for sasl.mechanism ${mechanism}`);
  }
  return { mechanism: mechanism as 'PLAIN', username, password };
}

/** The two ways in which MSK's Java library is configured: a mechanism of its own, or OAUTHBEARER with its call-back class. */
function isMskIamCallback(settings: ClientSettings): boolean {
  return (settings['sasl.login.callback.handler.class'] ?? '').startsWith('software.amazon.msk.auth.iam.');
}
