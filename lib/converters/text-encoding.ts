import { Buffer } from 'node:buffer';

/** A character encoding with the treatment Java gives to what cannot be encoded or decoded. */
export interface TextEncoding {
  encode(text: string): Uint8Array;
  decode(bytes: Buffer): string;
}

/** Java's names for the encodings that exist here, in lower case without separators that Java's own aliases vary. */
const ALIASES: readonly (readonly [TextEncoding, RegExp])[] = [
  [{ encode: encodeUtf8, decode: decodeUtf8 }, /^(utf-?8|unicode-1-1-utf-8)$/],
  [{ encode: (text) => encodeUtf16(`\ufeff${text}`, true), decode: decodeUtf16WithMark }, /^(utf[-_]?16|unicode|unicodebig)$/],
  [
    { encode: (text) => encodeUtf16(text, true), decode: (bytes) => decodeUtf16(bytes, true) },
    /^(x-)?utf[-_]16be$|^(iso-10646-ucs-2|unicodebigunmarked)$/,
  ],
  [
    { encode: (text) => encodeUtf16(text, false), decode: (bytes) => decodeUtf16(bytes, false) },
    /^(x-)?utf[-_]16le$|^unicodelittleunmarked$/,
  ],
  [
    { encode: (text) => encodeBytes(text, 0xff), decode: (bytes) => bytes.toString('latin1') },
    /^(iso[-_]?8859[-_]1(:1987)?|8859_1|latin1|l1|ibm-?819|cp819|819|csisolatin1|iso-ir-100)$/,
  ],
  [
    { encode: (text) => encodeBytes(text, 0x7f), decode: (bytes) => bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd') },
    /^(us-ascii|ascii|ascii7|iso646-us|us|cp367|646|ibm367|default|csascii|iso-ir-6|ansi_x3\.4-19(68|86)|iso_646\.irv:19(83|91))$/,
  ],
];

/** The encoding of a Java charset name, in any case; null = not one of UTF-8, UTF-16 (BE, LE), ISO-8859-1, US-ASCII. */
export function textEncoding(name: string): TextEncoding | null {
  return ALIASES.find(([, names]) => names.test(name.toLowerCase()))?.[0] ?? null;
}

/** Half of a surrogate pair on its own cannot be encoded: Java writes a question mark. */
function encodeUtf8(text: string): Uint8Array {
  return Buffer.from(text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?'), 'utf8');
}

/** Java replaces a surrogate in UTF-8 once; the WHATWG's decoder, each of its bytes. */
function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || !bytes.includes(0xed)) return text;
  return Buffer.from(bytes.toString('latin1').replace(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xef\xbf\xbd'), 'latin1').toString('utf8');
}

function encodeUtf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(text.toWellFormed(), 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

function decodeUtf16(bytes: Buffer, bigEndian: boolean): string {
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  const text = (bigEndian ? even.swap16() : even).toString('utf16le').toWellFormed();
  return bytes.length % 2 === 0 ? text : `${text}\ufffd`;
}

/** A byte order mark decides; without one it is big-endian. */
function decodeUtf16WithMark(bytes: Buffer): string {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  const marked = little || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return decodeUtf16(marked ? bytes.subarray(2) : bytes, !little);
}

/** One byte per character; one that has none is a question mark. */
function encodeBytes(text: string, max: number): Uint8Array {
  const codes: number[] = [];
  for (const char of text) {
    const point = char.codePointAt(0)!;
    codes.push(point <= max ? point : 0x3f);
  }
  return Uint8Array.from(codes);
}
