import type { Difference } from './compare.ts';
/** One recorded case, as it stands in a `.jsonl` file. */
export interface ConformanceCase {
  readonly id: string;
  readonly family: string;
  readonly plugin?: string;
  readonly op?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** The members differ by family and operation; null = only the configuration is judged. */
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly compare?: 'class' | 'error';
  /** Why the case cannot be asked of an implementation outside a JVM; such cases are skipped. */
  readonly needs?: string;
  /** A known oddity: the case counts as skipped where the outcome differs. */
  readonly quirk?: string | true;
}

/** A case that its runner has compared itself, because it has several outcomes. */
export class JudgedOutcome {
  readonly differences: readonly Difference[];

  constructor(differences: readonly Difference[]) {
    this.differences = differences;
  }
}

/**
 * Runs one case and answers the outcome in the form of its `expect`, or what differs. A thrown error becomes `{error: {class, message, phase?, cause?}}`;
 * wrap what throws in {@link inPhase} to say when. A file `families/<family>.ts` exports it as `run`.
 */
export type FamilyRunner = (case_: ConformanceCase) => unknown | Promise<unknown>;

export type Phase = 'configure' | 'apply' | 'convert' | 'test';

/** An error with the phase in which it was thrown. */
export class PhaseFailure extends Error {
  readonly phase: Phase;
  readonly error: unknown;

  constructor(phase: Phase, error: unknown) {
    super(`failed in ${phase}: ${String(error)}`);
    this.phase = phase;
    this.error = error;
  }
}

/** Calls `action`; what it throws (or rejects with) is thrown on with its phase. */
export function inPhase<T>(phase: Phase, action: () => T): T {
  const failed = (error: unknown): never => {
    throw error instanceof PhaseFailure ? error : new PhaseFailure(phase, error);
  };
  try {
    const result = action();
    return result instanceof Promise ? (result.catch(failed) as T) : result;
  } catch (error) {
    return failed(error);
  }
}

/** An error in the form of `expect.error`. */
export interface EncodedError {
  readonly class: string;
  readonly message: string | null;
  readonly phase?: Phase;
  readonly cause?: EncodedError;
}

/** For outcomes that hold an error (`retry`) and for what was thrown. */
export function encodeError(error: unknown): EncodedError {
  if (error instanceof PhaseFailure) return { ...encodeError(error.error), phase: error.phase };
  if (!(error instanceof Error)) return { class: typeof error, message: String(error) };
  const { cause } = error;
  return { class: error.name, message: error.message, ...(cause === undefined || cause === null ? {} : { cause: encodeError(cause) }) };
}
