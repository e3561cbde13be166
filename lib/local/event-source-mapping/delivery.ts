import type { ConsumerRecord } from '../../core/kafka-record.ts';
import type { Batch } from './batch.ts';
import { type PartialReading, unfinished } from './partial-answer.ts';

/** Answer of a function, as far as the poller looks at it. */
export interface FunctionAnswer {
  readonly functionError: string | null;
  /** JSON. */
  readonly payload: string;
}

/** Records that the poller gave up on; the on-failure destination gets them. */
export interface FailedBatch {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly approximateInvokeCount: number;
  readonly records: readonly ConsumerRecord[];
}

/** What AWS allows only in provisioned mode. */
export interface ErrorControls {
  /** −1 = for ever; at most 10 where there is a destination. @default -1 */
  readonly maximumRetryAttempts?: number;
  /** −1 = any age. @default -1 */
  readonly maximumRecordAgeSeconds?: number;
  readonly bisectBatchOnFunctionError?: boolean;
  readonly reportBatchItemFailures?: boolean;
}

export interface DeliveryOptions extends ErrorControls {
  readonly toEvent: (records: readonly ConsumerRecord[]) => unknown;
  readonly invoke: (event: unknown) => Promise<FunctionAnswer>;
  readonly onFailure?: (failed: FailedBatch) => Promise<void>;
  readonly partialReading: PartialReading;
  /** Pause before attempt n + 1, which doubles up to a minute. */
  readonly backoffMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly count: (what: 'invocations' | 'failedInvocations' | 'dropped' | 'throttled', by: number) => void;
}

const MAX_BACKOFF_MS = 60_000;
/** With an on-failure destination Lambda stops here even when told to retry for ever. */
const DESTINATION_RETRIES = 10;

/**
 * Delivers one batch until each of its records is settled: answered, or given up and handed to the destination. Without error controls a
 * failing batch is delivered whole, again and again. Returns early, with records unsettled, when the signal aborts.
 */
export async function deliver(batch: Batch, options: DeliveryOptions, signal: AbortSignal): Promise<void> {
  await attempt(batch, batch.records, 1, options, signal);
}

async function attempt(
  batch: Batch,
  records: readonly ConsumerRecord[],
  firstAttempt: number,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  let rest = records;
  for (let tries = firstAttempt; rest.length > 0 && !signal.aborted; tries++) {
    const outcome = await invokeOnce(rest, options, signal);
    if (outcome === 'stopped') return;
    const open = outcome === 'failed' ? rest : outcome;
    if (open.length === 0) return batch.settle(rest);
    if (outcome !== 'failed') {
      const unfinishedOnes = new Set(open);
      batch.settle(rest.filter((record) => !unfinishedOnes.has(record)));
    }
    rest = await withoutTooOld(batch, open, tries, options, signal);
    if (rest.length === 0) return;
    if (outcome === 'failed' && options.bisectBatchOnFunctionError === true && rest.length > 1) {
      // Halving does not use up an attempt; the halves keep their order, so the second waits for the first.
      const middle = Math.ceil(rest.length / 2);
      await attempt(batch, rest.slice(0, middle), tries, options, signal);
      await attempt(batch, rest.slice(middle), tries, options, signal);
      return;
    }
    if (tries > retriesOf(options)) return giveUp(batch, rest, 'RetryAttemptsExhausted', tries, options, signal);
    await options.sleep(backoff(options, tries - firstAttempt), signal);
  }
}

function retriesOf(options: DeliveryOptions): number {
  const asked = options.maximumRetryAttempts ?? -1;
  if (asked >= 0) return options.onFailure === undefined ? asked : Math.min(asked, DESTINATION_RETRIES);
  return options.onFailure === undefined ? Number.POSITIVE_INFINITY : DESTINATION_RETRIES;
}

/** Answers the records to deliver again. An invocation that did not take place (throttled, unreachable) is not an attempt. */
async function invokeOnce(
  records: readonly ConsumerRecord[],
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<readonly ConsumerRecord[] | 'failed' | 'stopped'> {
  for (let refused = 0; !signal.aborted; refused++) {
    try {
      const answer = await options.invoke(options.toEvent(records));
      options.count('invocations', 1);
      if (answer.functionError === null && options.reportBatchItemFailures !== true) return [];
      const open = answer.functionError === null ? unfinished(answer.payload, records, options.partialReading) : 'all';
      if (open !== 'all') return open;
    } catch (error) {
      if ((error as Error).name === 'TooManyRequestsException') options.count('throttled', 1);
      else options.onError(error);
      await options.sleep(backoff(options, refused), signal);
      continue;
    }
    options.count('failedInvocations', 1);
    return 'failed';
  }
  return 'stopped';
}

function backoff(options: DeliveryOptions, failures: number): number {
  return Math.min(MAX_BACKOFF_MS, options.backoffMs * 2 ** failures);
}

async function withoutTooOld(
  batch: Batch,
  records: readonly ConsumerRecord[],
  tries: number,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<readonly ConsumerRecord[]> {
  const limit = options.maximumRecordAgeSeconds ?? -1;
  if (limit < 0) return records;
  const oldest = Date.now() - limit * 1000;
  const tooOld = records.filter((record) => record.timestamp >= 0 && record.timestamp < oldest);
  if (tooOld.length > 0) await giveUp(batch, tooOld, 'RecordAgeExceeded', tries, options, signal);
  const dropped = new Set(tooOld);
  return records.filter((record) => !dropped.has(record));
}

async function giveUp(
  batch: Batch,
  records: readonly ConsumerRecord[],
  condition: FailedBatch['condition'],
  tries: number,
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; ; failures++) {
    if (signal.aborted) return;
    try {
      await options.onFailure?.({ condition, approximateInvokeCount: tries, records });
      break;
    } catch (error) {
      options.onError(error);
      await options.sleep(backoff(options, failures), signal);
    }
  }
  options.count('dropped', records.length);
  batch.settle(records);
}
