import { hostname } from 'node:os';
import { applyFiles, type ProcessOptions, processDeps, reachKafka, serveRestApi } from './connect-process.ts';
import type { HostFiles } from './host-files.ts';
import type { TaskRow } from './progress.ts';
import { openRestListener } from './rest-listener.ts';
import { openPlace, type PlaceOptions } from './standalone-place.ts';
import { Supervisors } from './supervisors.ts';
import { EVERY_TASK } from './task-shares.ts';

/** What standalone mode runs and on what. */
export interface StandaloneOptions extends ProcessOptions, PlaceOptions {
  readonly files: HostFiles;
  readonly stop: AbortSignal;
}

/** A standalone worker that is up. */
export interface Standalone {
  readonly bootstrap: string;
  /** Whether the broker is the embedded one. */
  readonly embeddedKafka: boolean;
  readonly table: string | null;
  /** Where the REST API listens; empty = nowhere, the default port is taken. */
  readonly restUrls: readonly string[];
  rows(): TaskRow[];
  /** Resolves when everything stopped after `stop` aborted: flushed, committed, released. */
  readonly done: Promise<void>;
}

/** Starts standalone mode: state, Kafka, configurations, then every connector's tasks. Throws ConnectException: `listener` where the REST API's port cannot be opened, `unreachable` where Kafka or the table cannot be reached. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { files, logger, stop } = options;
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closing.reverse()) await each().catch((error: unknown) => logger.warn('closing failed', { error: String(error) }));
  };
  try {
    const listener = await openRestListener(files.worker, logger);
    if (listener !== null) closing.push(() => listener.close());
    const { bootstrap, embeddedKafka, stores, table } = await openPlace(options, closing);
    const started = processDeps(
      options,
      {
        stores,
        workerProps: { ...files.worker, 'bootstrap.servers': bootstrap },
        // A state folder belongs to one process at a time, so what a killed one held is this one's own at once.
        owner: options.dynamodb === null ? `${hostname()}:standalone` : `${hostname()}:${process.pid}`,
        listener,
      },
      closing,
    );
    await reachKafka(started.deps, bootstrap);
    await applyFiles(options, stores);
    const supervisors = new Supervisors(started.deps, EVERY_TASK, stop);
    const done = supervisors
      .run()
      .finally(() => listener?.close())
      .finally(close);
    if (listener !== null) await serveRestApi(options, started, supervisors, listener);
    return {
      bootstrap,
      embeddedKafka,
      table,
      restUrls: listener?.urls ?? [],
      rows: () => supervisors.rows(),
      done,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
