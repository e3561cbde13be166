import { type BrokerOptions, startBroker } from './broker.ts';

/** What {@link serveBroker} needs of its surroundings. */
export interface BrokerSurroundings {
  /** Gets the line that says where the broker listens. */
  print(line: string): void;
  /** Aborted when the broker shall stop, e.g. by SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs a broker alone until it is told to stop: the command `broker`.
 *
 * @throws {Error} as {@link startBroker}
 */
export async function serveBroker(options: BrokerOptions, { print, signal }: BrokerSurroundings): Promise<void> {
  const broker = await startBroker(options);
  print(`listening on ${broker.bootstrap}`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await broker.close();
}
