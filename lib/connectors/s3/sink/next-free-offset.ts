import type { S3Client } from '../client.ts';
import { S3Exception } from '../s3-exception.ts';

/** The first offset behind `taken` at which no object begins; beyond `scanLimit` the next is taken without looking. */
export async function nextFreeOffset(
  client: S3Client,
  taken: number,
  keysByOffset: ReadonlyMap<number, string>,
  scanLimit: number,
): Promise<number> {
  const first = taken + 1;
  let offset = first;
  do {
    const key = keysByOffset.get(offset);
    if (key === undefined) return offset;
    try {
      if ((await client.headObject(key)) === null) return offset;
    } catch (error) {
      // Not allowed to look
      if (error instanceof S3Exception && error.statusCode === 403) return offset;
      throw error;
    }
    offset++;
  } while (offset < first + scanLimit);
  return first + scanLimit;
}
