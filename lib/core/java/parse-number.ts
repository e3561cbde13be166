import { asciiDigits } from './digits.ts';
import { NumberFormatException } from './exceptions.ts';

/** `Integer.parseInt`, `Long.parseLong` and so on: sign and decimal digits (of any script) between two limits. Throws NumberFormatException. */
export function parseWhole(text: string, min: bigint, max: bigint): bigint {
  const digits = asciiDigits(text);
  if (!/^[+-]?\d+$/.test(digits)) throw new NumberFormatException(`For input string: "${text}"`);
  const value = BigInt(digits.replace(/^\+/, ''));
  if (value < min || value > max) throw new NumberFormatException(`For input string: "${text}"`);
  return value;
}

const DECIMAL = /^[+-]?(?=\.?\d)\d*(?:\.\d*)?(?:[eE][+-]?\d+)?[fFdD]?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?=\.?[\da-fA-F])([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)[fFdD]?$/;

/** `Double.parseDouble` without the blanks around: decimal or hexadecimal, `NaN`, `Infinity`, with a suffix `d` or `f`. */
export function parseDouble(text: string): number {
  const special = /^([+-]?)(NaN|Infinity)$/.exec(text);
  if (special !== null) return Number(special[2]) * (special[1] === '-' ? -1 : 1);
  if (DECIMAL.test(text)) return Number(text.replace(/[fFdD]$/, ''));
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) throw new NumberFormatException(`For input string: "${text}"`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  const magnitude = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -magnitude : magnitude;
}
