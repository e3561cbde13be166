import { type ConfigInfos, toConfigInfos } from '../config/config-infos.ts';
import { type ConnectorValidation, validateConnector } from '../config/validate-connector.ts';
import type { ConfigValue } from '../core/config/config-def.ts';
import { missingConfiguration } from '../core/config/validate-config.ts';
import type { Connector, ConnectorProps } from '../core/connector.ts';
import type { ConnectorManifest } from '../core/manifest.ts';
import type { TextMap } from './json-body.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException } from './rest-exception.ts';

/** Keys of ours, whose mistakes Connect's answers have no place for. */
const OWN_KEY = /^lambda\.|\.override\./;

/** Validates as `PUT …/config/validate` answers. Throws BadRequestException without a class, or with one that is not here. */
export async function validate(deps: RestDeps, given: TextMap): Promise<{ infos: ConfigInfos; errors: string[] }> {
  const className = given['connector.class'];
  if (className === undefined || className === null) {
    throw new BadRequestException(`Connector config ${javaMapText(given)} contains no connector type`);
  }
  findClass(deps, className);
  const config = withoutNulls(given);
  const validation = await validateConnector({
    where: '',
    config,
    worker: deps.workerProps,
    resolver: deps.plugins,
    providers: deps.providers,
    unknownKeys: 'warn',
    validatePlugin: askConnector,
    loadConnector: async (manifest) => new (await manifest.load())() as Connector,
  });
  const infos = withoutSecrets(withNulls(toConfigInfos(className, validation), given), deps.hideSecrets);
  const shown = infos.configs.flatMap(({ value }) => value.errors);
  return { infos, errors: [...shown, ...ownErrors(validation, shown).map(deps.hideSecrets)] };
}

/** Throws BadRequestException with Connect's text when the configuration cannot be used. */
export async function requireValid(deps: RestDeps, config: TextMap): Promise<ConnectorProps> {
  const given = withoutNulls(config);
  const { errors } = await validate(deps, given);
  if (errors.length > 0) {
    throw new BadRequestException(
      `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\n` +
        'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
    );
  }
  return given;
}

/** Connectors ask the outside world and repeat what it said. */
function withoutSecrets(infos: ConfigInfos, hide: (text: string) => string): ConfigInfos {
  return {
    ...infos,
    configs: infos.configs.map((config) => ({ ...config, value: { ...config.value, errors: config.value.errors.map(hide) } })),
  };
}

/** A key that is given as null is there: it has no value, but is not missing. */
function withNulls(infos: ConfigInfos, given: TextMap): ConfigInfos {
  const isNull = (name: string) => given[name] === null;
  if (!Object.keys(given).some(isNull)) return infos;
  const configs = infos.configs.map((config) => {
    const { value } = config;
    if (!isNull(value.name)) return config;
    return {
      ...config,
      value: { ...value, value: null, errors: value.errors.filter((error) => error !== missingConfiguration(value.name)) },
    };
  });
  return { ...infos, configs, error_count: configs.reduce((count, { value }) => count + value.errors.length, 0) };
}

function findClass(deps: RestDeps, className: string): void {
  try {
    deps.plugins.connector(className.trim());
  } catch (error) {
    throw new BadRequestException((error as Error).message, { cause: error });
  }
}

function ownErrors(validation: ConnectorValidation, shown: readonly string[]): string[] {
  return validation.problems
    .filter(({ key, message, severity }) => severity === 'error' && (key === null || OWN_KEY.test(key)) && !shown.includes(message))
    .map(({ key, message }) => (key === null ? message : `${key}: ${message}`));
}

function withoutNulls(given: TextMap): ConnectorProps {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** A map as Java prints it. */
function javaMapText(map: TextMap): string {
  return `{${Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}}`;
}

async function askConnector(manifest: ConnectorManifest, props: ConnectorProps): Promise<readonly ConfigValue[]> {
  const connector = new (await manifest.load())() as Connector;
  return (await connector.validate?.(props))?.values ?? [];
}
