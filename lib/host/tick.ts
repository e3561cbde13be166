import { randomUUID } from 'node:crypto';
import { runTick, type TickEvent, type TickReport } from '../runtime/invocation.ts';
import { applyFiles, type ProcessOptions, processDeps, reachKafka } from './connect-process.ts';
import { openPlace, type PlaceOptions } from './standalone-place.ts';

export type { TickReport } from '../runtime/invocation.ts';

/** One tick in this process. */
export interface TickOptions extends ProcessOptions, PlaceOptions {
  readonly files: ProcessOptions['files'];
  readonly connector: string;
  /** How long the tick may take, hand-overs included. */
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

/**
 * Runs one tick of a connector here, as a function would: each task once, and again while it hands over. What a function would start as
 * further invocations runs here, one after the other. Throws what failed the task or the connector, after its status was written.
 */
export async function tickHere(options: TickOptions): Promise<TickReport[]> {
  const { connector, files, logger, stop, timeoutMs } = options;
  const closing: (() => Promise<void>)[] = [];
  try {
    const { bootstrap, stores } = await openPlace(options, closing);
    const workerProps = { ...files.worker, 'bootstrap.servers': bootstrap };
    const { deps } = processDeps(options, { stores, workerProps, owner: `tick#${randomUUID()}`, listener: null }, closing);
    await reachKafka(deps, bootstrap);
    await applyFiles(options, stores);
    const until = performance.now() + timeoutMs;
    const reports: TickReport[] = [];
    const events: TickEvent[] = [{}];
    for (let event = events.shift(); event !== undefined && !stop.aborted; event = events.shift()) {
      reports.push(
        await runTick(event, {
          ...deps,
          connector,
          invokeSelf: async (next) => void events.push(next),
          remainingMs: () => until - performance.now(),
          signal: stop,
        }),
      );
    }
    return reports;
  } finally {
    for (const close of closing.reverse()) await close().catch((error: unknown) => logger.warn('closing failed', { error: String(error) }));
  }
}
