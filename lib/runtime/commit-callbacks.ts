import type { Logger } from '../core/logger.ts';
import type { RecordMetadata } from '../core/record-metadata.ts';
import type { SourceTask } from '../core/source.ts';
import type { SourceRecord } from '../core/source-record.ts';

/** Calls `commitRecord` for each polled record but the unsettled; its errors are logged only, as in Connect. */
export function taskCommitRecord(
  task: SourceTask,
  polled: readonly SourceRecord[],
  unsettled: ReadonlySet<number> | null,
  metadataOf: (place: number) => RecordMetadata | null,
  logger: Logger,
): void {
  if (task.commitRecord === undefined) return;
  const onError = (error: unknown) => logger.error('commitRecord failed', { error: String(error) });
  for (const [place, record] of polled.entries()) {
    if (unsettled?.has(place)) continue;
    try {
      const committing = task.commitRecord(record, metadataOf(place));
      if (committing instanceof Promise) committing.catch(onError);
    } catch (error) {
      onError(error);
    }
  }
}

/** Calls `commit`; its error is logged only. */
export async function taskCommit(task: SourceTask, logger: Logger): Promise<void> {
  try {
    await task.commit?.();
  } catch (error) {
    logger.error('commit failed', { error: String(error) });
  }
}
