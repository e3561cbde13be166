import { nearestNames } from '../core/config/did-you-mean.ts';
import { configTexts, kindOf } from './config-text.ts';
import { type ConfigProblem, didYouMean } from './problems.ts';

export type InitialState = 'RUNNING' | 'PAUSED' | 'STOPPED';
export const INITIAL_STATES: readonly InitialState[] = ['RUNNING', 'PAUSED', 'STOPPED'];

/** A connector as a file names it. */
export interface ConnectorDefinition {
  readonly name: string;
  /** As written, `name` included. */
  readonly config: Readonly<Record<string, string>>;
  readonly initialState: InitialState;
}

/** How the stack of a pipeline is built; what is left out is made or not used. */
export interface StackSettings {
  readonly vpc?: string;
  readonly subnets?: readonly string[];
  readonly securityGroups?: readonly string[];
  /** ARN of an MSK cluster. */
  readonly cluster?: string;
  /** ARN of the SNS topic that alarms go to. */
  readonly alarmsTopic?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether the stack has a REST API. @default true */
  readonly control?: boolean;
}

/** What one stack deploys, or one process runs. */
export interface Pipeline {
  readonly name: string;
  readonly worker: Readonly<Record<string, string>>;
  readonly connectors: readonly ConnectorDefinition[];
  readonly stack: StackSettings;
  readonly unknownKeys: 'refuse' | 'allow';
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,99}$/;
const TOP_KEYS = ['$schema', 'name', 'worker', 'connectors', 'stack', 'config.unknown.keys'];
const STACK_KEYS = ['vpc', 'subnets', 'securityGroups', 'cluster', 'alarmsTopic', 'tags', 'control'];
const CONNECTOR_KEYS = ['name', 'config', 'initial_state'];

/** Reads a pipeline from parsed JSON. Every mistake goes into `problems`; the answer holds what could be read. */
export function parsePipeline(json: Readonly<Record<string, unknown>>, problems: ConfigProblem[]): Pipeline {
  refuseOthers(json, TOP_KEYS, '', problems);
  const { name } = json;
  if (typeof name !== 'string' || !NAME.test(name)) {
    const allowed = 'a letter, then letters, digits and dashes, at most 100: it names the stack and the state table';
    add(problems, '', 'name', name, name === undefined ? 'a pipeline needs a name' : `not a name: ${show(name)}`, allowed);
  }
  const unknownKeys = json['config.unknown.keys'] ?? 'refuse';
  if (unknownKeys !== 'refuse' && unknownKeys !== 'allow') {
    add(problems, '', 'config.unknown.keys', unknownKeys, `not known: ${show(unknownKeys)}`, 'allowed: refuse, allow');
  }
  return {
    name: typeof name === 'string' ? name : '',
    worker: json.worker === undefined ? {} : configTexts(json.worker, 'worker', problems),
    connectors: parseConnectors(json.connectors, problems),
    stack: json.stack === undefined ? {} : parseStack(json.stack, problems),
    unknownKeys: unknownKeys === 'allow' ? 'allow' : 'refuse',
  };
}

/** Reads `{name, config, initial_state?}`. `where` names the object in problems. */
export function parseConnector(json: Readonly<Record<string, unknown>>, where: string, problems: ConfigProblem[]): ConnectorDefinition {
  refuseOthers(json, CONNECTOR_KEYS, where, problems);
  const config = json.config === undefined ? {} : configTexts(json.config, `${where}.config`, problems);
  if (json.config === undefined) add(problems, where, 'config', undefined, 'a connector needs its configuration', 'write "config": { … }');
  const name = json.name ?? config.name;
  if (typeof name !== 'string' || name === '') {
    add(
      problems,
      where,
      'name',
      name,
      name === undefined ? 'a connector needs a name' : `not a name: ${show(name)}`,
      'expected a text that is not empty',
    );
  } else if (config.name !== undefined && config.name !== name) {
    add(
      problems,
      where,
      'config.name',
      config.name,
      `the configuration says ${show(config.name)}, the connector is named ${show(name)}`,
      'leave it out of config',
    );
  }
  const text = typeof name === 'string' ? name : '';
  return { name: text, config: { ...config, name: text }, initialState: parseInitialState(json.initial_state, where, problems) };
}

function parseConnectors(json: unknown, problems: ConfigProblem[]): ConnectorDefinition[] {
  if (!Array.isArray(json)) {
    add(
      problems,
      '',
      'connectors',
      undefined,
      `expected a list of connectors, found ${kindOf(json)}`,
      'write "connectors": [ { "name": …, "config": { … } } ]',
    );
    return [];
  }
  const connectors: ConnectorDefinition[] = [];
  const places = new Map<string, number>();
  for (const [i, each] of (json as unknown[]).entries()) {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) {
      add(
        problems,
        `connectors[${i}]`,
        null,
        undefined,
        `expected an object, found ${kindOf(each)}`,
        'write { "name": …, "config": { … } }',
      );
      continue;
    }
    const named = (each as { name?: unknown }).name;
    const where = `connectors[${i}]${typeof named === 'string' ? ` (${named})` : ''}`;
    const connector = parseConnector(each as Record<string, unknown>, where, problems);
    const before = places.get(connector.name);
    if (before !== undefined && connector.name !== '') {
      add(problems, where, 'name', connector.name, `connectors[${before}] has this name too`, 'give each connector a name of its own');
    }
    places.set(connector.name, before ?? i);
    connectors.push(connector);
  }
  return connectors;
}

function parseInitialState(json: unknown, where: string, problems: ConfigProblem[]): InitialState {
  if (json === undefined) return 'RUNNING';
  const state = INITIAL_STATES.find((each) => typeof json === 'string' && json.toUpperCase() === each);
  if (state === undefined)
    add(problems, where, 'initial_state', json, `not a state: ${show(json)}`, `allowed: ${INITIAL_STATES.join(', ')}`);
  return state ?? 'RUNNING';
}

function parseStack(json: unknown, problems: ConfigProblem[]): StackSettings {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    add(problems, '', 'stack', undefined, `expected an object, found ${kindOf(json)}`, `keys: ${STACK_KEYS.join(', ')}`);
    return {};
  }
  const stack = json as Readonly<Record<string, unknown>>;
  refuseOthers(stack, STACK_KEYS, 'stack', problems);
  for (const key of ['vpc', 'cluster', 'alarmsTopic']) {
    if (stack[key] !== undefined && typeof stack[key] !== 'string') {
      add(problems, 'stack', key, undefined, `expected a text, found ${kindOf(stack[key])}`, null);
    }
  }
  if (stack.control !== undefined && typeof stack.control !== 'boolean')
    add(problems, 'stack', 'control', undefined, `expected true or false, found ${kindOf(stack.control)}`, null);
  for (const key of ['subnets', 'securityGroups']) {
    const list = stack[key];
    if (list !== undefined && !(Array.isArray(list) && list.every((each) => typeof each === 'string'))) {
      add(problems, 'stack', key, undefined, `expected a list of ids, found ${kindOf(list)}`, 'write ["id", …]');
    }
  }
  const tags = stack.tags === undefined ? {} : { tags: configTexts(stack.tags, 'stack.tags', problems) };
  return { ...(stack as StackSettings), ...tags };
}

function refuseOthers(json: Readonly<Record<string, unknown>>, known: readonly string[], where: string, problems: ConfigProblem[]): void {
  for (const key of Object.keys(json)) {
    if (known.includes(key)) continue;
    add(problems, where, key, undefined, 'unknown key', didYouMean(nearestNames(key, known)) ?? `known: ${known.join(', ')}`);
  }
}

function add(problems: ConfigProblem[], where: string, key: string | null, value: unknown, message: string, remedy: string | null): void {
  problems.push({ severity: 'error', where, key, value: typeof value === 'string' ? value : null, message, remedy });
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
