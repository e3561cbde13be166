import { sinkConnectorConfigDef } from '../config/sink-connector-config.ts';
import { sourceConnectorConfigDef } from '../config/source-connector-config.ts';
import { withWorkerDefaults } from '../config/worker-defaults.ts';
import type { ConfigKey } from '../core/config/config-def.ts';
import { toDefinition } from '../core/config/validate-entry.ts';
import type { ConnectorManifest, PluginManifest } from '../core/manifest.ts';
import { pluginVersion } from '../plugins/plugin-version.ts';
import { json, type Route } from './exchange.ts';
import { readTextMap } from './json-body.ts';
import { isTrue } from './query.ts';
import type { RestDeps } from './rest-deps.ts';
import { BadRequestException, RestException } from './rest-exception.ts';
import { validate } from './validation.ts';

const KINDS = ['converter', 'header-converter', 'transformation', 'predicate'] as const;

/** `/connector-plugins` and below. */
export function pluginRoutes(deps: RestDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/connector-plugins',
      handle: async ({ query }) => {
        const onlyConnectors = isTrue(query, 'connectorsOnly', true);
        const shown = deps.plugins.manifests.filter(({ kind }) => !onlyConnectors || kind === 'source' || kind === 'sink');
        return json(
          200,
          shown.map((manifest) => describe(manifest, deps.version)),
        );
      },
    },
    {
      method: 'GET',
      path: '/connector-plugins/:plugin/config',
      handle: async ({ params }) => {
        const manifest = find(deps, params.plugin as string);
        const own = [...manifest.configDef.keys.values()];
        const names = new Set(own.map(({ name }) => name));
        const framework = frameworkKeys(deps, manifest).filter(({ name }) => !names.has(name));
        return json(200, [...own, ...framework].map(toDefinition));
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/config/validate',
      handle: async ({ body, params }) => {
        const given = readTextMap(body);
        const className = given['connector.class'] ?? null;
        const plugin = params.plugin as string;
        if (className !== null && !shortName(className).endsWith(shortName(plugin))) {
          throw new BadRequestException(`Included connector type ${className} does not match request type ${plugin}`);
        }
        return json(200, (await validated(deps, given)).infos);
      },
    },
  ];
}

/** Here Connect wraps what it refuses, which makes it a 500 that begins with the names of its exceptions. */
async function validated(deps: RestDeps, given: ReturnType<typeof readTextMap>): ReturnType<typeof validate> {
  try {
    return await validate(deps, given);
  } catch (error) {
    if (!(error instanceof BadRequestException)) throw error;
    const inner = error.cause === undefined ? '' : 'org.apache.kafka.connect.errors.ConnectException: ';
    const outer = 'org.apache.kafka.connect.runtime.rest.errors.BadRequestException: ';
    throw new RestException(500, `${outer}${inner}${error.message}`, { cause: error });
  }
}

/** What has no version of its own has the package's. */
function describe(manifest: PluginManifest, packageVersion: string): Record<string, string> {
  const { className, kind } = manifest;
  return { class: className, type: kind.replace('-', '_'), version: pluginVersion(manifest) ?? packageVersion };
}

function shortName(name: string): string {
  return name.endsWith('Connector') && name.length > 'Connector'.length ? name.slice(0, -'Connector'.length) : name;
}

function find({ plugins }: RestDeps, name: string): PluginManifest {
  try {
    return plugins.connector(name);
  } catch {
    for (const kind of KINDS) {
      const found = plugins.find(kind, name);
      if (found !== null) return found;
    }
  }
  throw new RestException(404, `Unknown plugin ${name}.`);
}

function frameworkKeys({ plugins }: RestDeps, manifest: PluginManifest): ConfigKey[] {
  const { kind } = manifest;
  if (kind !== 'source' && kind !== 'sink') return [];
  const def = kind === 'source' ? sourceConnectorConfigDef(plugins) : sinkConnectorConfigDef(plugins);
  const described = withWorkerDefaults(def, { connector: manifest as ConnectorManifest, props: {}, worker: null, resolver: plugins });
  return [...described.keys.values()];
}
