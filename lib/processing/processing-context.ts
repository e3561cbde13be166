import type { Stage } from '../core/stage.ts';

/**
 * Where one record stands on its path: what it was before (`original`), and once something failed, where and with what. One context serves
 * record after record ({@link ProcessingContext.begin}); whoever wants to keep something of it copies it out at once.
 */
export class ProcessingContext<T> {
  original: T;
  /** Where the last failure happened. */
  stage: Stage = 'TRANSFORMATION';
  /** Full Java class name of the plug-in that failed. */
  executingClass = '';
  /** True after the first failure: later operations of the same record are skipped. */
  failed = false;
  error: unknown = null;
  /** Calls made of the operation that failed, 1-based. */
  attempt = 0;

  constructor(original: T) {
    this.original = original;
  }

  /** Turns to the next record. */
  begin(original: T): void {
    this.original = original;
    this.failed = false;
    this.error = null;
  }

  fail(stage: Stage, executingClass: string, error: unknown): void {
    this.stage = stage;
    this.executingClass = executingClass;
    this.failed = true;
    this.error = error;
  }
}
