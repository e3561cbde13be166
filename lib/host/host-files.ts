import { type ConfigFile, readConfigFile } from '../config/files.ts';
import type { ConnectorDefinition } from '../config/pipeline-file.ts';
import { ConfigException } from '../core/errors.ts';

/** The files of one process, put together. */
export interface HostFiles {
  /** Name of the pipeline; null = no pipeline file was given. */
  readonly pipeline: string | null;
  readonly worker: Readonly<Record<string, string>>;
  readonly connectors: readonly { readonly definition: ConnectorDefinition; readonly writer: string; readonly folder: string }[];
  /** Whether unknown keys are mistakes (pipeline files) or are warned of (Connect's own files). */
  readonly unknownKeys: 'refuse' | 'allow';
}

/**
 * Reads `WORKER.properties CONNECTOR.properties|json …` or `PIPELINE.json`, in any order. Throws ConfigException for two workers, two
 * connectors of one name, or a pipeline beside other files.
 */
export async function readHostFiles(paths: readonly string[]): Promise<HostFiles> {
  const files = await Promise.all(paths.map(readConfigFile));
  const pipelines = files.filter((file) => file.kind === 'pipeline');
  const [pipeline] = pipelines;
  if (pipeline !== undefined) {
    if (files.length > 1) {
      throw new ConfigException(
        `${pipeline.path} is a pipeline file and stands alone: it holds worker and connectors; got also ${others(files, pipeline)}`,
        { code: 'usage' },
      );
    }
    const { connectors, name, unknownKeys, worker } = pipeline.pipeline;
    const placed = connectors.map((definition) => ({ definition, writer: `file ${pipeline.path}`, folder: pipeline.folder }));
    return { pipeline: name, worker, connectors: placed, unknownKeys };
  }
  const workers = files.filter((file) => file.kind === 'worker');
  if (workers.length > 1) {
    throw new ConfigException(
      `one worker file is allowed, got ${workers.map((file) => file.path).join(', ')}; a connector file needs connector.class`,
      { code: 'usage' },
    );
  }
  const connectors = files
    .filter((file) => file.kind === 'connector')
    .map((file) => ({ definition: file.connector, writer: `file ${file.path}`, folder: file.folder, path: file.path }));
  const seen = new Map<string, string>();
  for (const { definition, path } of connectors) {
    const before = seen.get(definition.name);
    if (before !== undefined)
      throw new ConfigException(`${before} and ${path} both define the connector ${definition.name}; give each a name of its own`, {
        code: 'usage',
      });
    seen.set(definition.name, path);
  }
  return { pipeline: null, worker: workers[0]?.worker ?? {}, connectors, unknownKeys: 'allow' };
}

function others(files: readonly ConfigFile[], except: ConfigFile): string {
  return files
    .filter((file) => file !== except)
    .map((file) => file.path)
    .join(', ');
}
