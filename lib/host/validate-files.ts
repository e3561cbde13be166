import { configProviderAccess } from '../aws/config-provider-call.ts';
import type { ConfigProblem } from '../config/problems.ts';
import { allProviders } from '../config/providers/aws-providers.ts';
import { createConfigProviders } from '../config/providers/config-providers.ts';
import { validateConnector } from '../config/validate-connector.ts';
import { validateWorker } from '../config/validate-worker.ts';
import type { ConfigValue } from '../core/config/config-def.ts';
import type { Connector, ConnectorProps } from '../core/connector.ts';
import type { ConnectorManifest } from '../core/manifest.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import type { HostFiles } from './host-files.ts';

/** Every mistake and warning in the files, worker first, then the connectors in order. With `reach` the connectors also look at the systems they name. */
export async function validateFiles(
  files: HostFiles,
  resolver: PluginResolver,
  options: { readonly reach: boolean },
): Promise<ConfigProblem[]> {
  const providers = createConfigProviders(files.worker, { defaults: true, kinds: allProviders(configProviderAccess(process.env)) });
  const unknownKeys = files.unknownKeys === 'refuse' ? 'refuse' : 'warn';
  const problems = validateWorker({
    where: 'worker',
    worker: files.worker,
    resolver,
    unknownKeys,
    // a connector's file alone says nothing about the worker it is for
    convertersRequired: files.pipeline !== null || Object.keys(files.worker).length > 0,
  });
  for (const { definition } of files.connectors) {
    const validation = await validateConnector({
      where: definition.name,
      config: definition.config,
      worker: files.worker,
      resolver,
      providers,
      reach: options.reach,
      unknownKeys,
      validatePlugin: options.reach ? askConnector : null,
      loadConnector: async (manifest) => new (await manifest.load())() as Connector,
    });
    problems.push(...validation.problems);
  }
  return problems;
}

async function askConnector(manifest: ConnectorManifest, props: ConnectorProps): Promise<readonly ConfigValue[]> {
  const connector = new (await manifest.load())() as Connector;
  return (await connector.validate?.(props))?.values ?? [];
}
