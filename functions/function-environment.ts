/** Names of the variables that a stack gives its functions. Secrets stand in them as references only. */
export const TABLE_VARIABLE = 'SERVERLESS_CONNECT_TABLE';
export const CONNECTOR_VARIABLE = 'SERVERLESS_CONNECT_CONNECTOR';
/** Name of the pipeline: metrics carry it. */
export const PIPELINE_VARIABLE = 'SERVERLESS_CONNECT_PIPELINE';
/** Kafka Connect's worker keys as JSON. */
export const WORKER_VARIABLE = 'SERVERLESS_CONNECT_WORKER';
/** Identity of the plug-in set in the bundle. */
export const BUNDLE_VARIABLE = 'SERVERLESS_CONNECT_BUNDLE';

/** UUIDs of the event source mappings by connector, as JSON: of the control function. */
export const MAPPINGS_VARIABLE = 'SERVERLESS_CONNECT_MAPPINGS';

/** What a connector's function knows of itself. */
export interface FunctionEnvironment {
  readonly table: string;
  readonly pipeline: string;
  readonly connector: string;
  readonly workerProps: Record<string, string>;
  readonly bundleHash: string | undefined;
  readonly functionName: string;
}

/** Reads the variables. Throws Error, with the name, when one is missing. */
export function functionEnvironment(env: NodeJS.ProcessEnv): FunctionEnvironment {
  return {
    ...commonEnvironment(env),
    pipeline: required(env, PIPELINE_VARIABLE),
    connector: required(env, CONNECTOR_VARIABLE),
    bundleHash: env[BUNDLE_VARIABLE],
  };
}

/** What the control function knows of its stack beside what is in its bundle. */
export interface ControlEnvironment extends Pick<FunctionEnvironment, 'table' | 'workerProps' | 'functionName'> {
  readonly mappings: Readonly<Record<string, readonly string[]>>;
}

/** Reads the variables of the control function. Throws Error, with the name, when one is missing. */
export function controlEnvironment(env: NodeJS.ProcessEnv): ControlEnvironment {
  return { ...commonEnvironment(env), mappings: JSON.parse(env[MAPPINGS_VARIABLE] ?? '{}') };
}

function commonEnvironment(env: NodeJS.ProcessEnv): Pick<FunctionEnvironment, 'table' | 'workerProps' | 'functionName'> {
  return {
    table: required(env, TABLE_VARIABLE),
    workerProps: JSON.parse(required(env, WORKER_VARIABLE)),
    functionName: required(env, 'AWS_LAMBDA_FUNCTION_NAME'),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is missing: the stack sets it on each function`);
  return value;
}
