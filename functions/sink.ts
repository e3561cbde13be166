import middy from '@middy/core';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import type { KafkaEvent } from '../lib/kafka/event-source-mapping.ts';
import type { PluginRegistry } from '../lib/plugins/plugin-registry.ts';
import { runSinkBatch, runSinkVisit, runTick, type SinkBatchReport, type TickEvent, type TickReport } from '../lib/runtime/invocation.ts';
import { createAdapters } from './adapters.ts';
import { abortAtDeadline, type InvocationContext } from './middleware/abort-at-deadline.ts';
import { freshConnections } from './middleware/fresh-connections.ts';
import { measure } from './middleware/measure.ts';
import { printLine } from './print-line.ts';

/** Handler of a sink fed by Lambda's Kafka event source mapping; any other event is a visit after somebody changed the sink. */
export function createSinkBatchHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<KafkaEvent | TickEvent, SinkBatchReport | TickReport, Error, InvocationContext>()
    .use(measure(adapters.measured, SYSTEM_CLOCK, printLine))
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => {
      if (!('records' in event)) return runSinkVisit(event, adapters.dependencies(context));
      return runSinkBatch(event, adapters.dependencies(context));
    });
}

/** Handler of a sink that reads Kafka itself on a schedule. */
export function createSinkTickHandler(registry: PluginRegistry) {
  const adapters = createAdapters(registry);
  return middy<TickEvent, TickReport, Error, InvocationContext>()
    .use(measure(adapters.measured, SYSTEM_CLOCK, printLine))
    .use(freshConnections(adapters, SYSTEM_CLOCK))
    .use(abortAtDeadline())
    .handler((event, context) => runTick(event, adapters.dependencies(context)));
}
