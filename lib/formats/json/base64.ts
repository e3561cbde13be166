import { Buffer } from 'node:buffer';

const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Bytes of a base64 text as Jackson reads them: standard alphabet, padding required, blanks only between groups of four, and more groups may
 * follow a padded one. null = it is none.
 */
export function decodeBase64(text: string): Uint8Array | null {
  if (STRICT.test(text)) return Buffer.from(text, 'base64');
  const parts: Buffer[] = [];
  for (let at = 0; ; at += 4) {
    while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
    if (at >= text.length) return Buffer.concat(parts);
    const group = text.slice(at, at + 4);
    if (group.length < 4 || !STRICT.test(group)) return null;
    parts.push(Buffer.from(group, 'base64'));
  }
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
