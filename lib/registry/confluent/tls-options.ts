import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import { ConfigException } from '../../core/errors.ts';

const PREFIX = 'schema.registry.ssl.';

/**
 * TLS options from `schema.registry.ssl.*`: PEM from the settings or from a file, or a PKCS12 file for the client's own key. ConfigException
 * for a file that cannot be read and for Java key stores, which nothing here can open.
 */
export function tlsOptions(config: ParsedConfig): ConnectionOptions {
  const secret = (name: string) => config.getPassword(PREFIX + name)?.reveal() ?? null;
  const options: ConnectionOptions = {};
  const authorities = secret('truststore.certificates') ?? fileOf(config, 'truststore', ['PEM'])?.toString('utf8') ?? null;
  if (authorities !== null) options.ca = blocks(authorities, 'CERTIFICATE', 'truststore');
  const passphrase = secret('key.password') ?? secret('keystore.password');
  if (passphrase !== null) options.passphrase = passphrase;
  const key = secret('keystore.key');
  const chain = secret('keystore.certificate.chain');
  if ((key === null) !== (chain === null)) {
    throw new ConfigException(`${PREFIX}keystore.key and ${PREFIX}keystore.certificate.chain belong together: set both`);
  }
  if (key !== null && chain !== null) {
    options.key = key;
    options.cert = chain;
  } else {
    const store = fileOf(config, 'keystore', ['PEM', 'PKCS12']);
    if (store !== null && typeOf(config, 'keystore') === 'PKCS12') options.pfx = store;
    else if (store !== null) {
      options.key = blocks(store.toString('utf8'), 'PRIVATE KEY', 'keystore');
      options.cert = blocks(store.toString('utf8'), 'CERTIFICATE', 'keystore').join('\n');
    }
  }
  // an empty algorithm is Java's way to switch the check of the host name off
  if (config.getString(`${PREFIX}endpoint.identification.algorithm`) === '') options.checkServerIdentity = () => undefined;
  return options;
}

function typeOf(config: ParsedConfig, store: string): string {
  return config.getText(`${PREFIX}${store}.type`).toUpperCase();
}

function fileOf(config: ParsedConfig, store: 'truststore' | 'keystore', types: readonly string[]): Buffer | null {
  const name = `${PREFIX}${store}.location`;
  const location = config.getString(name);
  if (location === null || location === '') return null;
  const type = typeOf(config, store);
  if (!types.includes(type)) {
    throw ConfigException.invalid(
      `${PREFIX}${store}.type`,
      type,
      `allowed here are ${types.join(' and ')}: convert with \`keytool -importkeystore -deststoretype PKCS12\` and \`openssl pkcs12 -nodes\``,
    );
  }
  try {
    return readFileSync(location);
  } catch (error) {
    throw ConfigException.invalid(name, location, `the file cannot be read: ${(error as Error).message}`);
  }
}

function blocks(text: string, kind: 'CERTIFICATE' | 'PRIVATE KEY', store: string): string[] {
  const found = text.match(new RegExp(`-----BEGIN [A-Z ]*${kind}-----[\\s\\S]+?-----END [A-Z ]*${kind}-----`, 'g'));
  if (found === null) throw new ConfigException(`${PREFIX}${store} has no PEM block of type ${kind}`);
  return found;
}
