import { isAbsolute, join } from 'node:path';
import { readConfigFile } from '../config/files.ts';
import type { ConnectorDefinition } from '../config/pipeline-file.ts';
import { ConfigException } from '../core/errors.ts';
import type { CliIo } from './command.ts';
import type { RestClient } from './rest-client.ts';

/** Connectors that files define: pipeline files, `{name, config}`, flat JSON, `.properties`. Throws ConfigException, with line and column for malformed JSON. */
export async function readConnectors(paths: readonly string[], io: CliIo): Promise<ConnectorDefinition[]> {
  const found: ConnectorDefinition[] = [];
  for (const path of paths) {
    const file = await readConfigFile(isAbsolute(path) ? path : join(io.cwd, path));
    if (file.kind === 'worker')
      throw new ConfigException(`${path} is a worker file: it defines no connector (connector.class is missing)`, { code: 'usage' });
    if (file.kind === 'pipeline' && Object.keys(file.pipeline.worker).length > 0)
      io.err.write(`${path}: "worker" is left out; its keys belong to whoever started the worker\n`);
    found.push(...(file.kind === 'pipeline' ? file.pipeline.connectors : [file.connector]));
  }
  const names = found.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigException(`the connector ${twice} is defined twice: give each a name of its own`, { code: 'usage' });
  return found;
}

interface ConfigInfos {
  readonly configs: readonly {
    readonly definition: { readonly name: string; readonly type: string };
    readonly value: { readonly name: string; readonly errors: readonly string[] };
  }[];
}

/** Lets the worker validate configurations; answers which keys hold secrets. Throws ConfigException with every mistake of all of them. */
export async function validateByWorker(client: RestClient, connectors: readonly ConnectorDefinition[]): Promise<ReadonlySet<string>> {
  const secrets = new Set<string>();
  const mistakes: string[] = [];
  for (const { name, config } of connectors) {
    const path = `/connector-plugins/${encodeURIComponent(config['connector.class'] ?? '')}/config/validate`;
    const { configs } = (await client.call('PUT', path, { ...config, name })) as ConfigInfos;
    for (const { definition, value } of configs) {
      if (definition.type === 'PASSWORD') secrets.add(definition.name);
      mistakes.push(...value.errors.map((error) => `  ${name}: ${value.name}: ${error}`));
    }
  }
  if (mistakes.length > 0)
    throw new ConfigException(`${mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`}\n${mistakes.join('\n')}`);
  return secrets;
}
