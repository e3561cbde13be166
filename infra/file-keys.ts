import type { ConfigProblem } from '../lib/config/problems.ts';
import type { ConnectorProps } from '../lib/core/connector.ts';

/** Client keys that name a file; a function has none but its bundle. */
const FILE_KEYS = ['ssl.keystore.location', 'ssl.truststore.location'];

/** Keys that name files of a worker's disk, with and without a client's prefix. */
export function fileKeyProblems(where: string, props: ConnectorProps): ConfigProblem[] {
  return Object.entries(props)
    .filter(([key]) => FILE_KEYS.some((name) => key === name || key.endsWith(`.${name}`)))
    .map(([key, value]) => ({
      severity: 'error',
      where,
      key,
      value,
      message: `a function has no file '${value}'`,
      remedy: key.endsWith('truststore.location')
        ? 'put the PEM into a secret: ssl.truststore.type=PEM, ssl.truststore.certificates=${secretsManager:NAME:certificate}'
        : 'put the PEM into a secret: ssl.keystore.type=PEM, ssl.keystore.certificate.chain and ssl.keystore.key',
    }));
}
