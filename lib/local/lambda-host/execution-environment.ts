/** A function as it is deployed: what AWS::Lambda::Function says of it. */
export interface FunctionDefinition {
  readonly name: string;
  /** Folder of the bundle; a CommonJS bundle needs its own package.json (`"type": "commonjs"`) there. */
  readonly bundleDir: string;
  /** `<file without extension>.<export>`, e.g. `index.handler`. */
  readonly handler: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Environments that may run at the same time; @default 1000, the account's limit. */
  readonly reservedConcurrency?: number;
  /** Attempts after a failed asynchronous invocation; @default 0 (AWS: 2). */
  readonly asyncRetries?: number;
  /** An asynchronous event that waited longer is dropped; @default 60000 (AWS: 6 h). */
  readonly maxEventAgeMs?: number;
  /** `Terminate` drops the 17th hop of a chain of self-invocations, as AWS does by default; @default Terminate. */
  readonly recursiveLoop?: 'Allow' | 'Terminate';
}

/** One event on its way into an environment. */
export interface InvokeRequest {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly deadlineMs: number;
  readonly traceId: string;
}

/** What came out of an environment that is still alive. */
export interface EnvironmentAnswer {
  /** JSON: the handler's answer, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly failed: boolean;
  /** What the handler left open beside sockets, e.g. `Timeout`: names of `process.getActiveResourcesInfo()`. */
  readonly openHandles: readonly string[];
}

/** A sandbox that runs one event at a time and stands still (frozen) in between. */
export interface ExecutionEnvironment {
  /** From its start until its handler was loaded. */
  readonly initMs: number;
  /** Throws {@link EnvironmentDiedError} when the environment ends before it answers. */
  invoke(request: InvokeRequest): Promise<EnvironmentAnswer>;
  /** Stops all of it in the middle of what it does (a worker at the next turn of its event loop), until {@link thaw}. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
}

/** An environment ended by itself, by a kill, or never came up. `errorType` is what Lambda answers, e.g. `Runtime.ExitError`. */
export class EnvironmentDiedError extends Error {
  readonly errorType: string;

  constructor(errorType: string, message: string) {
    super(message);
    this.name = 'EnvironmentDiedError';
    this.errorType = errorType;
  }
}

/** Where the lines of a function's output go. */
export type LineSink = (line: string) => void;

/** Starts an environment of a function. Throws {@link EnvironmentDiedError} when the handler cannot be loaded. */
export type EnvironmentStarter = (
  definition: FunctionDefinition,
  env: Readonly<Record<string, string>>,
  onLine: LineSink,
) => Promise<ExecutionEnvironment>;

/** Lambda gives the init phase 10 s before it starts over. */
export const INIT_LIMIT_MS = 10_000;

/** Cuts chunks of output into lines. */
export function lineSplitter(onLine: LineSink): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
