import type { Api } from '../wire/api.ts';

/** Who asks, and how. */
export interface RequestContext {
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Aborted when the connection is gone: nobody waits for the answer any more. */
  readonly closed: AbortSignal;
}

/** An API with what answers it. `null` = no answer (acks=0); a throw closes the connection. */
export interface Handler<Q = never, R = unknown> {
  readonly api: Api<Q, R>;
  handle(request: Q, context: RequestContext): R | null | Promise<R | null>;
}

/** Pairs an API with its handler, so that both sides' types agree. */
export function handler<Q, R>(api: Api<Q, R>, handle: Handler<Q, R>['handle']): Handler {
  return { api, handle } as unknown as Handler;
}
