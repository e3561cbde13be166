import { Buffer } from 'node:buffer';
import { JsonScanner } from './json-scanner.ts';

const REPLACEMENT = '\ufffd';
/** Jackson looks for a byte order mark only where four bytes are. */
const LEAST_WITH_MARK = 4;

/** A scanner over bytes of JSON in UTF-8, from `start` on; a byte order mark is skipped. */
export function scannerOf(bytes: Uint8Array, start = 0): JsonScanner {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8', start);
  if (text.includes(REPLACEMENT)) return scannerOfDoubtful(buffer, start);
  const scanner = new JsonScanner(text);
  if (start === 0 && text.charCodeAt(0) === 0xfeff && bytes.length >= LEAST_WITH_MARK) scanner.pos = 1;
  return scanner;
}

/**
 * Decodes as Jackson does: surrogates written as three bytes pass, anything else that is no UTF-8 is an error, but only once reading gets
 * there (what follows the first value is never looked at).
 */
function scannerOfDoubtful(bytes: Uint8Array, start: number): JsonScanner {
  const units: string[] = [];
  let at = start;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    const length =
      lead < 0x80 ? 1 : lead >= 0xc0 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf8 ? 4 : 0;
    let point = length === 1 ? lead : lead & (0xff >> (length + 1));
    let valid = length > 0 && at + length <= bytes.length;
    for (let i = 1; valid && i < length; i++) {
      const next = bytes[at + i]!;
      valid = (next & 0xc0) === 0x80;
      point = (point << 6) | (next & 0x3f);
    }
    if (!valid || point > 0x10ffff) return new JsonScanner(units.join(''), at);
    units.push(String.fromCodePoint(point));
    at += length;
  }
  const scanner = new JsonScanner(units.join(''));
  if (start === 0 && units[0] === '\ufeff' && bytes.length >= LEAST_WITH_MARK) scanner.pos = 1;
  return scanner;
}
