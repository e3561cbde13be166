import middy from '@middy/core';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { runTick, type TickEvent, type TickReport } from '../lib/runtime/invocation.ts';
import { isSourceTrigger, type PartialAnswer, runSourceEvent, type SourceTriggerEvent } from '../lib/runtime/source-event.ts';
import { createAdapters } from './adapters.ts';
import { abortAtDeadline, type InvocationContext } from './middleware/abort-at-deadline.ts';
import { freshConnections } from './middleware/fresh-connections.ts';
import { measure } from './middleware/measure.ts';
import { printLine } from './print-line.ts';

/** Handler of a source connector: a tick of its schedule, a hand-over from an earlier invocation, or messages that say what there is to read. */
export function createSourceHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<TickEvent | SourceTriggerEvent, TickReport | PartialAnswer, Error, InvocationContext>()
    .use(measure(adapters.measured, SYSTEM_CLOCK, printLine))
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => {
      const deps = adapters.dependencies(context);
      return isSourceTrigger(event) ? runSourceEvent(event, deps) : runTick(event, deps);
    });
}
