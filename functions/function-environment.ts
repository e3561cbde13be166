/** Names of the variables that a stack gives its functions. Secrets stand in them as references only. */
export const TABLE_VARIABLE = 'SERVERLESS_CONNECT_TABLE';
export const CONNECTOR_VARIABLE = 'SERVERLESS_CONNECT_CONNECTOR';
/** Kafka Connect's worker keys as JSON. */
export const WORKER_VARIABLE = 'SERVERLESS_CONNECT_WORKER';
/** Identity of the plug-in set in the bundle. */
export const BUNDLE_VARIABLE = 'SERVERLESS_CONNECT_BUNDLE';

/** What a connector's function knows of itself. */
export interface FunctionEnvironment {
  readonly table: string;
  readonly connector: string;
  readonly workerProps: Record<string, string>;
  readonly bundleHash: string | undefined;
  readonly functionName: string;
}

/** Reads the variables. Throws Error, with the name, when one is missing. */
export function functionEnvironment(env: NodeJS.ProcessEnv): FunctionEnvironment {
  const required = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`environment variable ${name} is missing: the stack sets it on each function`);
    return value;
  };
  return {
    table: required(TABLE_VARIABLE),
    connector: required(CONNECTOR_VARIABLE),
    workerProps: JSON.parse(required(WORKER_VARIABLE)),
    bundleHash: env[BUNDLE_VARIABLE],
    functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
  };
}
