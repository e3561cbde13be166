import { rmSync } from 'node:fs';
import { bundleControlFunction } from '../../../infra/constructs/control-bundle.ts';
import type { AwsCredentials } from '../../../lib/aws/sign.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import { type FunctionUrl, openFunctionUrl } from '../../../lib/local/lambda-host/function-url.ts';
import { createLambdaHost, type LambdaHost } from '../../../lib/local/lambda-host/lambda-host.ts';

/** A control function that no deployment binds, in the local Lambda host behind a function URL. */
export interface ControlFunction {
  readonly host: LambdaHost;
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly base: string;
  /** Of the invocations so far that failed or left something open. */
  readonly failures: readonly string[];
  readonly logs: readonly string[];
  close(): Promise<void>;
}

/** Bundles it with every plug-in of this package and deploys it on a table that workers share. `credentials` null = everybody is let in. */
export async function startControlFunction(options: {
  readonly table: string;
  readonly worker: ConnectorProps;
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: AwsCredentials | null;
}): Promise<ControlFunction> {
  const bundle = await bundleControlFunction({ plugins: null, clientModules: null, deployment: null, functions: {} });
  const failures: string[] = [];
  const logs: string[] = [];
  const host = await createLambdaHost({
    strict: true,
    onInvocation: (_, { functionError, payload }) => functionError && failures.push(payload),
    onLog: ({ line }) => logs.push(line),
  });
  let url: FunctionUrl | null = null;
  const close = async () => {
    await url?.close();
    await host.close();
    rmSync(bundle.dir, { recursive: true, force: true });
  };
  try {
    await host.deploy({
      name: 'control',
      bundleDir: bundle.dir,
      handler: 'index.handler',
      env: { ...options.env, SERVERLESS_CONNECT_TABLE: options.table, SERVERLESS_CONNECT_WORKER: JSON.stringify(options.worker) },
      timeoutMs: 90_000,
      memoryMb: 512,
    });
    url = await openFunctionUrl({ host, functionName: 'control', credentials: options.credentials });
    return { host, base: url.url.replace(/\/$/, ''), failures, logs, close };
  } catch (error) {
    await close();
    throw error;
  }
}
