import { DataException } from '../core/errors.ts';

/** A task's stack trace is cut here: it is for people, and an item is paid for by the kilobyte. */
export const TRACE_LIMIT_BYTES = 16 * 1024;
/** A connector's trace lives in its item, which every tick reads and which stays under 4 kB (one read unit). */
export const CONNECTOR_ERROR_LIMIT_BYTES = 2 * 1024;
/** An item holds at most 400 kB; the rest is its keys, partition and stamp. */
export const OFFSET_LIMIT_BYTES = 350_000;
/** A source partition is a name; this much fits beside the largest offset. */
export const PARTITION_LIMIT_BYTES = 40_000;
/** Of a configuration as JSON, and of one task's configuration. */
export const CONFIG_LIMIT_BYTES = 390_000;
/** An unreleased lease may be taken by a tick this long after its end: more than clocks of one region differ. */
export const LEASE_GRACE_MS = 5_000;
/** How many answers of a sink are kept as evidence. */
export const DELIVERED_LIMIT = 8;

/** The text, cut at a character boundary so that it has at most `limitBytes` bytes of UTF-8. */
export function cutAtBytes(text: string, limitBytes: number): string {
  if (text.length * 3 <= limitBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return text;
  let end = limitBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** Throws DataException (`too-large`) when the text does not fit. */
export function requireFits(what: string, text: string, limitBytes: number): void {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= limitBytes) return;
  throw new DataException(
    `${what} has ${sizeBytes} bytes as JSON, at most ${limitBytes} can be stored; keep less in it, e.g. a key instead of the value`,
    { code: 'too-large' },
  );
}
