import type { ConnectorState } from '../state/config-store.ts';

/** Which of the connectors' work is this process's. */
export interface TaskShares {
  /** Looks at who else is there. `held` = ids of the tasks that this process holds. Throws StateUnavailableException. */
  update(connectors: readonly ConnectorState[], held: readonly string[]): Promise<void>;
  /** The tasks of this connector that this process is to run, by number. */
  mine(connector: ConnectorState): ReadonlySet<number>;
  /** True where this process is the first to plan this connector; others do it where that one does not. */
  leads(connector: string): boolean;
  /** Takes no tasks any more: those of this process are being stopped. */
  leave(): Promise<void>;
}

/** A process that shares with nobody, or whose sharing is nobody's plan: it runs what it can get. */
export const EVERY_TASK: TaskShares = {
  update: async () => undefined,
  mine: ({ taskCount }) => new Set(Array.from({ length: taskCount }, (_, task) => task)),
  leads: () => true,
  leave: async () => undefined,
};
