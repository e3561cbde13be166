import middy from '@middy/core';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { KafkaEvent } from '../lib/kafka/event-source-mapping.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { runSinkBatch, runTick, type TickEvent, type TickReport } from '../lib/runtime/invocation.ts';
import { createAdapters } from './adapters.ts';
import { abortAtDeadline, type InvocationContext } from './middleware/abort-at-deadline.ts';
import { freshConnections } from './middleware/fresh-connections.ts';

/** Handler of a sink fed by Lambda's Kafka event source mapping. */
export function createSinkBatchHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<KafkaEvent, Awaited<ReturnType<typeof runSinkBatch>>, Error, InvocationContext>()
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => runSinkBatch(event, adapters.dependencies(context)));
}

/** Handler of a sink that reads Kafka itself on a schedule. */
export function createSinkTickHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<TickEvent, TickReport, Error, InvocationContext>()
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => runTick(event, adapters.dependencies(context)));
}
