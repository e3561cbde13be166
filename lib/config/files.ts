import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigException } from '../core/errors.ts';
import { configTexts, kindOf } from './config-text.ts';
import { parseJsonText } from './json-text.ts';
import { type ConnectorDefinition, type Pipeline, parseConnector, parsePipeline } from './pipeline-file.ts';
import { type ConfigProblem, InvalidConfigException, isUsable } from './problems.ts';
import { parseProperties } from './properties.ts';

/** A configuration file, told by its content. `folder` is where it lies: module specifiers in it are relative to that. */
export type ConfigFile = { readonly path: string; readonly folder: string } & (
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'connector'; readonly connector: ConnectorDefinition }
  | { readonly kind: 'worker'; readonly worker: Readonly<Record<string, string>> }
);

const FORMS =
  'a pipeline ({"name", "worker", "connectors"}), a connector ({"name", "config"} or keys with "connector.class"), or a .properties file';

/**
 * Reads a file: pipeline JSON, connector JSON (`{name, config}` or flat), connector `.properties` (it has `connector.class`) or worker `.properties`.
 * Throws ConfigException when it cannot be read or is malformed (with line and column), InvalidConfigException with every mistake in its shape.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ConfigException(`cannot read ${path}: ${reasonOf(cause)}`, { cause, code: 'file-not-read' });
  }
  const place = { path, folder: dirname(resolve(path)) };
  const text = bytes.toString('utf8');
  return /^\uFEFF?\s*[{[]/.test(text) || path.endsWith('.json')
    ? { ...place, ...fromJson(path, text) }
    : // Java reads .properties files as Latin-1; other characters are \u escapes there
      { ...place, ...fromProperties(path, bytes.toString('latin1')) };
}

type Content =
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'connector'; readonly connector: ConnectorDefinition }
  | { readonly kind: 'worker'; readonly worker: Readonly<Record<string, string>> };

function fromJson(path: string, text: string): Content {
  const json = located(path, () => parseJsonText(text));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigException(`cannot use ${path}: it holds ${kindOf(json)}; expected ${FORMS}`, { code: 'file-not-understood' });
  }
  const problems: ConfigProblem[] = [];
  const content = contentOf(path, json as Readonly<Record<string, unknown>>, problems);
  if (!isUsable(problems)) throw new InvalidConfigException(path, problems);
  return content;
}

function contentOf(path: string, json: Readonly<Record<string, unknown>>, problems: ConfigProblem[]): Content {
  if ('connectors' in json || 'worker' in json) return { kind: 'pipeline', pipeline: parsePipeline(json, problems) };
  if (typeof json.config === 'object') return { kind: 'connector', connector: parseConnector(json, '', problems) };
  if ('connector.class' in json) return { kind: 'connector', connector: flatConnector(configTexts(json, '', problems), problems) };
  throw new ConfigException(`cannot use ${path}: it has neither "connectors", nor "config", nor "connector.class"; expected ${FORMS}`, {
    code: 'file-not-understood',
  });
}

function fromProperties(path: string, text: string): Content {
  const props = located(path, () => parseProperties(text));
  if (!Object.hasOwn(props, 'connector.class')) return { kind: 'worker', worker: props };
  const problems: ConfigProblem[] = [];
  const connector = flatConnector(props, problems);
  if (!isUsable(problems)) throw new InvalidConfigException(path, problems);
  return { kind: 'connector', connector };
}

function flatConnector(config: Readonly<Record<string, string>>, problems: ConfigProblem[]): ConnectorDefinition {
  const name = config.name?.trim() ?? '';
  if (name === '') {
    problems.push({
      severity: 'error',
      where: '',
      key: 'name',
      value: config.name ?? null,
      message: 'a connector needs a name',
      remedy: 'add the key name with a text that is not empty',
    });
  }
  return { name, config, initialState: 'RUNNING' };
}

function located<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConfigException)) throw error;
    throw new ConfigException(`cannot use ${path}: ${error.message}`, { cause: error, code: error.code });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder; name the file in it';
  if (code === 'EACCES') return 'permission denied';
  return message;
}
