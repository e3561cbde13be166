import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs inside an environment: nothing here may load more than Node itself, or it would count as the function's init time. */
export type Handler = (event: unknown, context: HandlerContext) => unknown;

/** The part of Lambda's context object that Node handlers of the managed runtime get. */
export interface HandlerContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

/** Loads `<file>.<export>` from a bundle as the managed runtime does: .js by its package.json, then .mjs, then .cjs. Throws what the bundle throws. */
export async function loadHandler(bundleDir: string, handler: string): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  const stem = handler.slice(0, dot);
  const file = ['.js', '.mjs', '.cjs'].map((extension) => join(bundleDir, stem + extension)).find(existsSync);
  if (file === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${stem}' in ${bundleDir}`);
  const loaded = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  const found: unknown = loaded[handler.slice(dot + 1)];
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  return found as Handler;
}

/** Answer of one event, ready to leave the environment. */
export interface HandlerOutcome {
  readonly payload: string;
  readonly failed: boolean;
  readonly openHandles: string[];
}

/** Calls the handler and looks at what it left open in the very turn in which it answered, for that is when Lambda freezes it. */
export async function runHandler(
  handler: Handler,
  request: { requestId: string; payload: string; deadlineMs: number; traceId: string },
): Promise<HandlerOutcome> {
  process.env._X_AMZN_TRACE_ID = request.traceId;
  try {
    const answer = await handler(JSON.parse(request.payload), contextOf(request.requestId, request.deadlineMs));
    return { payload: JSON.stringify(answer) ?? 'null', failed: false, openHandles: openHandles() };
  } catch (error) {
    return { payload: JSON.stringify(describeError(error)), failed: true, openHandles: openHandles() };
  }
}

/** Sockets may stay open while nothing travels on them; ports, pipes and terminals are the environment's own. */
const ENVIRONMENTS_OWN = new Set(['TCPSocketWrap', 'TLSWrap', 'PipeWrap', 'TTYWrap', 'MessagePort', 'CloseReq']);

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !ENVIRONMENTS_OWN.has(name));
}

/** An error as the Runtime API carries it. */
export function describeError(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function contextOf(awsRequestId: string, deadlineMs: number): HandlerContext {
  const env = process.env;
  return {
    awsRequestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? '',
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? '',
    invokedFunctionArn: `arn:aws:lambda:${env.AWS_REGION}:000000000000:function:${env.AWS_LAMBDA_FUNCTION_NAME}`,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
