import middy from '@middy/core';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import { type ControlDefinition, createControlAdapters } from './control-adapters.ts';
import { answerOf, type FunctionUrlAnswer, type FunctionUrlEvent, requestOf } from './function-url.ts';
import { abortAtDeadline, type InvocationContext } from './middleware/abort-at-deadline.ts';
import { freshConnections } from './middleware/fresh-connections.ts';

/** Handler of Connect's REST API behind a function URL. */
export function createControlHandler(definition: ControlDefinition) {
  const adapters = createControlAdapters(definition);
  return middy<FunctionUrlEvent, FunctionUrlAnswer, Error, InvocationContext>()
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler(async (event) => {
      const request = requestOf(event);
      return answerOf(await adapters.handle(request), request);
    });
}
