import { isSecretKey } from '../config/redaction.ts';
import { variablesIn } from '../config/variables.ts';
import type { ConnectorProps } from '../core/connector.ts';
import type { RestDeps } from './rest-deps.ts';

/**
 * Says in the log which secrets a new configuration holds as plain text: as in Connect everybody who may read it gets them back. `before` is the
 * configuration it replaces.
 */
export function warnOfLiteralSecrets(
  { logger, plugins }: RestDeps,
  connector: string,
  config: ConnectorProps,
  before: ConnectorProps,
): void {
  const defs = [plugins.connector(config['connector.class']?.trim() ?? '').configDef];
  const keys = Object.keys(config).filter(
    (key) => config[key] !== before[key] && config[key] !== '' && isSecretKey(key, { defs }) && variablesIn(config[key] ?? '').length === 0,
  );
  if (keys.length === 0) return;
  logger.warn(
    'the configuration holds secrets as they are: the REST API shows them to everybody who may ask; refer to them instead (${provider:path:key})',
    { connector, keys },
  );
}
