import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which producer wrote the records from `from` to `to` (included). */
export interface WrittenRange {
  readonly from: number;
  readonly to: number;
  /** `<producer id>.<epoch>` */
  readonly writer: string;
}

const HEADER_BYTES = 57;
/** Base offset and length, which the length does not count. */
const LENGTH_BYTES = 12;

/** The writers of a partition, from the headers of the batches in the broker's own files: no consumer is told them. */
export function writersOf(logDir: string, topic: string, partition: number): WrittenRange[] {
  const folder = join(logDir, `${topic}-${partition}`);
  if (!existsSync(folder)) return [];
  const ranges: WrittenRange[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .sort()) {
    const log = readFileSync(join(folder, name));
    for (let at = 0; at + HEADER_BYTES <= log.length; ) {
      const base = Number(log.readBigInt64BE(at));
      const length = log.readInt32BE(at + 8);
      if (length <= 0) break;
      const last = base + log.readInt32BE(at + 23);
      ranges.push({ from: base, to: last, writer: `${log.readBigInt64BE(at + 43)}.${log.readInt16BE(at + 51)}` });
      at += LENGTH_BYTES + length;
    }
  }
  return ranges;
}
