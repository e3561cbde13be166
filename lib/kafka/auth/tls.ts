import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ConfigException } from '../../core/errors.ts';
import type { ClientSettings } from '../kafka-clients.ts';

/**
 * TLS options from Java's `ssl.*` settings. PEM throughout (KIP-651), from the settings or from a file; a PKCS12 file may hold the
 * client's own key. Java key stores are refused with how to convert them.
 */
export function tlsOptions(settings: ClientSettings): ConnectionOptions {
  const options: ConnectionOptions = {};
  const authorities = settings['ssl.truststore.certificates'] ?? fromFile(settings, 'truststore', 'PEM')?.toString('utf8');
  if (authorities !== undefined) options.ca = pemBlocks(authorities, 'CERTIFICATE', 'ssl.truststore');
  const passphrase = settings['ssl.key.password'] ?? settings['ssl.keystore.password'];
  if (passphrase !== undefined) options.passphrase = passphrase;
  const inline = settings['ssl.keystore.key'];
  const chain = settings['ssl.keystore.certificate.chain'];
  if ((inline === undefined) !== (chain === undefined)) {
    throw new ConfigException('ssl.keystore.key and ssl.keystore.certificate.chain belong together: set both');
  }
  if (inline !== undefined && chain !== undefined) {
    options.key = inline;
    options.cert = chain;
  } else if (settings['ssl.keystore.location'] !== undefined) {
    const type = (settings['ssl.keystore.type'] ?? 'JKS').toUpperCase();
    if (type === 'PKCS12') {
      options.pfx = readSetting('ssl.keystore.location', settings['ssl.keystore.location']);
    } else {
      const pem = fromFile(settings, 'keystore', 'PEM')?.toString('utf8') ?? '';
      options.key = pemBlocks(pem, 'PRIVATE KEY', 'ssl.keystore');
      options.cert = pemBlocks(pem, 'CERTIFICATE', 'ssl.keystore').join('\n');
    }
  }
  // an empty algorithm is Java's way to switch the check of the host name off
  if (settings['ssl.endpoint.identification.algorithm'] === '') options.checkServerIdentity = () => undefined;
  const protocols = settings['ssl.enabled.protocols']?.split(',').map((protocol) => protocol.trim());
  if (protocols !== undefined) {
    const versions = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) => protocols.includes(version));
    const [lowest] = versions;
    const highest = versions.at(-1);
    if (lowest === undefined || highest === undefined) {
      throw ConfigException.invalid('ssl.enabled.protocols', settings['ssl.enabled.protocols'], 'allowed are TLSv1.2 and TLSv1.3');
    }
    options.minVersion = lowest;
    options.maxVersion = highest;
  }
  return options;
}

function fromFile(settings: ClientSettings, store: 'truststore' | 'keystore', wanted: 'PEM'): Buffer | undefined {
  const key = `ssl.${store}.location`;
  const location = settings[key];
  if (location === undefined) return undefined;
  const type = (settings[`ssl.${store}.type`] ?? 'JKS').toUpperCase();
  if (type !== wanted) {
    throw ConfigException.invalid(
      `ssl.${store}.type`,
      type,
      `only PEM is supported here${store === 'keystore' ? ', and PKCS12' : ''}: convert with \`keytool -importkeystore -deststoretype PKCS12\` and \`openssl pkcs12 -nodes\`, and set ssl.${store}.type=PEM`,
    );
  }
  return readSetting(key, location);
}

function readSetting(key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw ConfigException.invalid(key, location, `the file cannot be read: ${(error as Error).message}`);
  }
}

function pemBlocks(text: string, kind: 'CERTIFICATE' | 'PRIVATE KEY', key: string): string[] {
  const blocks = text.match(new RegExp(`-----BEGIN [A-Z ]*${kind}-----[\\s\\S]+?-----END [A-Z ]*${kind}-----`, 'g'));
  if (blocks === null) throw new ConfigException(`${key} has no PEM block of type ${kind}`);
  return blocks;
}
