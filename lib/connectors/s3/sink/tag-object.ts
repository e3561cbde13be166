import { ConnectException } from '../../../core/errors.ts';
import { JavaException } from '../../../core/java/exceptions.ts';
import type { SinkTaskContext } from '../../../core/sink.ts';
import type { S3Client } from '../client.ts';
import type { SinkSettings } from './sink-settings.ts';

/** What the tags of an object tell. */
export interface TaggedFile {
  readonly key: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly records: number;
}

/** `key:value` of `s3.object.tagging.key.value.pairs`. Throws as Java does where the colon is missing. */
export function extraTags(pairs: readonly string[]): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const pair of pairs) {
    const [name, value] = pair.split(':');
    if (value === undefined || value === '') {
      throw new JavaException('Index 1 out of bounds for length 1', 'java.lang.ArrayIndexOutOfBoundsException');
    }
    tags.set(name!, value);
  }
  return tags;
}

/** Tags an object; again after `s3.retry.backoff.ms`, doubled each time. Throws ConnectException unless errors are to be ignored. */
export async function tagObject(
  client: S3Client,
  { key, startOffset, endOffset, records }: TaggedFile,
  extra: ReadonlyMap<string, string>,
  settings: SinkSettings,
  { clock, logger, signal }: SinkTaskContext,
): Promise<void> {
  const tags = new Map([
    ['startOffset', String(startOffset)],
    ['endOffset', String(endOffset)],
    ['recordCount', String(records)],
    ...extra,
  ]);
  for (let attempt = 1; attempt <= settings.partRetries; attempt++) {
    try {
      await client.putTags(key, tags);
      return;
    } catch (cause) {
      if (settings.ignoreTaggingErrors) {
        logger.warn('cannot tag an object; going on without tags', { key, error: String(cause) });
        return;
      }
      if (attempt === settings.partRetries) throw new ConnectException(`Unable to tag S3 object ${key}`, { cause });
      await clock.sleep(settings.requestBackoffMs * 2 ** (attempt - 1), signal);
    }
  }
}
