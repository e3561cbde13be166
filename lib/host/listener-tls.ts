import type { ServerOptions } from 'node:https';
import { configProviderAccess } from '../aws/config-provider-call.ts';
import { allProviders } from '../config/providers/aws-providers.ts';
import { createConfigProviders } from '../config/providers/config-providers.ts';
import { resolveVariables } from '../config/variables.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { ConfigException } from '../core/errors.ts';
import { tlsOptions } from '../kafka/auth/tls.ts';

const CLIENT_AUTH = {
  none: {},
  requested: { requestCert: true, rejectUnauthorized: false },
  required: { requestCert: true, rejectUnauthorized: true },
} as const;

/**
 * Key, certificate and what is asked of clients for listeners of `https`. As in Connect, keys behind the prefix (`listeners.https.`,
 * `admin.listeners.https.`) replace all of the worker's own `ssl.*`. Variables are resolved. Throws ConfigException where there is no key.
 */
export async function listenerTls(worker: ConnectorProps, prefix: string): Promise<ServerOptions> {
  const prefixed = Object.entries(worker).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : []));
  const own = Object.entries(worker).filter(([key]) => key.startsWith('ssl.'));
  const providers = createConfigProviders(worker, { defaults: true, kinds: allProviders(configProviderAccess(process.env)) });
  const { props: ssl } = await resolveVariables(Object.fromEntries(prefixed.length > 0 ? prefixed : own), providers);
  const { key, cert, ca, pfx, passphrase, minVersion, maxVersion } = tlsOptions(ssl);
  if (key === undefined && pfx === undefined) {
    throw new ConfigException(
      `a listener of https needs a key: set ${prefix}ssl.keystore.type=PEM with ssl.keystore.location, or ssl.keystore.key and ssl.keystore.certificate.chain`,
    );
  }
  const clientAuth = ssl['ssl.client.auth'] ?? 'none';
  if (!Object.hasOwn(CLIENT_AUTH, clientAuth)) {
    throw ConfigException.invalid(`${prefix}ssl.client.auth`, clientAuth, 'allowed are none, requested, required');
  }
  const options = { key, cert, ca, pfx, passphrase, minVersion, maxVersion };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...given, ...CLIENT_AUTH[clientAuth as keyof typeof CLIENT_AUTH] };
}
