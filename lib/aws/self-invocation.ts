import type { LambdaClient } from '@aws-sdk/client-lambda';

/** Starts a function again. */
export interface SelfInvocation {
  /** Resolves when Lambda has queued the event. Throws what the service answers. */
  invoke(payload: unknown): Promise<void>;
  /** Drops idle connections; a later call opens new ones. */
  disconnect(): void;
}

/** A hand-over or a fan-out is one small request: what takes longer is lost, and the next tick does it instead. */
const REQUEST_TIMEOUT_MS = 3_000;
const CONNECTION_TIMEOUT_MS = 1_500;

/**
 * Invokes `functionName` asynchronously. The SDK client is loaded at the first call: most invocations hand nothing over. It passes on the
 * trace header by which Lambda counts recursions, so the function needs `RecursiveLoop: Allow`.
 */
export function createSelfInvocation(functionName: string): SelfInvocation {
  let client: LambdaClient | null = null;
  return {
    async invoke(payload) {
      const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
      client ??= new LambdaClient({
        maxAttempts: 3,
        requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
      });
      await client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }));
    },
    disconnect() {
      client?.destroy();
      client = null;
    },
  };
}
