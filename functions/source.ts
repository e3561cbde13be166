import middy from '@middy/core';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { runTick, type TickEvent, type TickReport } from '../lib/runtime/invocation.ts';
import { createAdapters } from './adapters.ts';
import { abortAtDeadline, type InvocationContext } from './middleware/abort-at-deadline.ts';
import { freshConnections } from './middleware/fresh-connections.ts';

/** Handler of a source connector: a tick of its schedule, or a hand-over from an earlier invocation. */
export function createSourceHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<TickEvent, TickReport, Error, InvocationContext>()
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => runTick(event, adapters.dependencies(context)));
}
