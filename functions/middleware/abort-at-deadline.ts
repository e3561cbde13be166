import type middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { InvocationWatch } from '../../lib/runtime/invocation-watch.ts';

/** Lambda's context with the invocation's signal. */
export interface InvocationContext extends Context {
  /** Aborted shortly before Lambda kills the environment, and when the handler has answered: nothing of it may go on in the next event. */
  signal: AbortSignal;
  /** What the invocation is measured by. */
  watch: InvocationWatch;
}

/** The runner stops by its own deadline long before; this is for a plug-in that does not come back. */
const LAST_MOMENT_MS = 1_500;

/** Gives each invocation an AbortSignal of its own. */
export function abortAtDeadline(): middy.MiddlewareObj<unknown, unknown, Error, InvocationContext> {
  const running = new WeakMap<InvocationContext, { abort: AbortController; timer: NodeJS.Timeout }>();
  const end = ({ context }: { context: InvocationContext }): void => {
    const invocation = running.get(context);
    clearTimeout(invocation?.timer);
    invocation?.abort.abort(new Error('the invocation has ended'));
  };
  return {
    before({ context }) {
      const abort = new AbortController();
      const leftMs = Math.max(0, context.getRemainingTimeInMillis() - LAST_MOMENT_MS);
      const timer = setTimeout(() => abort.abort(new Error(`the invocation ends in ${LAST_MOMENT_MS} ms`)), leftMs);
      running.set(context, { abort, timer });
      context.signal = abort.signal;
    },
    after: end,
    onError: end,
  };
}
