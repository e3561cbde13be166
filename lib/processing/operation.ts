import type { MaybePromise } from '../core/converter.ts';
import type { Stage } from '../core/stage.ts';

/**
 * One step of a record's path. Made once per task, called once per record: no closure is made for a record. `call` may throw or reject;
 * RetriableException says that the same call may succeed later.
 */
export interface Operation<I, O> {
  readonly stage: Stage;
  /** Full Java class name of the plug-in, as it stands in logs and dead letter headers. */
  readonly executingClass: string;
  call(input: I): MaybePromise<O>;
}
