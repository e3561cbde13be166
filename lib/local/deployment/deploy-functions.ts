import type { LambdaHost } from '../lambda-host/lambda-host.ts';
import type { StackTemplate } from './stack-template.ts';

/** A function of the stack, as the deployment knows it. */
export interface DeployedFunctionInfo {
  readonly name: string;
  /** null = it serves no connector. */
  readonly connector: string | null;
  /** Reserved for it; 1 where nothing is, for the local pollers. */
  readonly concurrency: number;
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Code: { readonly S3Key: string };
  readonly Environment?: { readonly Variables: Record<string, string> };
  readonly ReservedConcurrentExecutions?: number;
  readonly RecursiveLoop?: 'Allow' | 'Terminate';
}

/** The variables by which a bundle knows its connector and its worker settings. */
const CONNECTOR_VARIABLE = 'SERVERLESS_CONNECT_CONNECTOR';
const WORKER_VARIABLE = 'SERVERLESS_CONNECT_WORKER';

/**
 * Puts the stack's functions into the host, from the very assets that synth wrote. `workerProps` replace keys of the worker settings (the
 * brokers of this machine), `env` adds variables (endpoints).
 */
export async function deployFunctions(
  template: StackTemplate,
  host: LambdaHost,
  options: { readonly workerProps: Readonly<Record<string, string>>; readonly env: Readonly<Record<string, string>> },
): Promise<DeployedFunctionInfo[]> {
  const asyncConfigs = new Map(
    template.resources
      .filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig')
      .map(
        (resource) =>
          template.resolve(resource) as { FunctionName: string; MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number },
      )
      .map((config) => [config.FunctionName, config]),
  );
  const deployed: DeployedFunctionInfo[] = [];
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::Lambda::Function')) {
    const properties = template.resolve(resource) as unknown as FunctionProperties;
    const env: Record<string, string> = { ...properties.Environment?.Variables, ...options.env };
    const worker = env[WORKER_VARIABLE];
    if (worker !== undefined) env[WORKER_VARIABLE] = JSON.stringify({ ...JSON.parse(worker), ...options.workerProps });
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = asyncConfigs.get(properties.FunctionName) ?? {};
    await host.deploy({
      name: properties.FunctionName,
      bundleDir: template.assetDir(properties.Code.S3Key),
      handler: properties.Handler,
      env,
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      // What AWS does where the template says nothing.
      asyncRetries: MaximumRetryAttempts ?? 2,
      maxEventAgeMs: (MaximumEventAgeInSeconds ?? 21_600) * 1000,
      recursiveLoop: properties.RecursiveLoop ?? 'Terminate',
      ...(properties.ReservedConcurrentExecutions === undefined ? {} : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
    });
    deployed.push({
      name: properties.FunctionName,
      connector: env[CONNECTOR_VARIABLE] ?? null,
      concurrency: properties.ReservedConcurrentExecutions ?? 1,
    });
  }
  return deployed;
}
