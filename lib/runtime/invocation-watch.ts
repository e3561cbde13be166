import { newTaskFigures, type TaskFigures } from './task-outcome.ts';

/** What whoever measures an invocation sees of it, also of one that fails. Each invocation has its own. */
export interface InvocationWatch {
  readonly figures: TaskFigures;
  /** The task that ran; null = none did. */
  task: number | null;
  /** Tasks of the connector that are FAILED and are left alone for now. */
  failedTasks: number;
  /** The task's lease was with another owner, or was lost to one. */
  leaseConflicts: number;
}

/** Nothing has happened yet. */
export function newInvocationWatch(): InvocationWatch {
  return { figures: newTaskFigures(), task: null, failedTasks: 0, leaseConflicts: 0 };
}
