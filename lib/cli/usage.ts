import type { Arguments } from './command.ts';
import { UsageException } from './parse-arguments.ts';

/** The only operand. Throws UsageException when it is missing or not alone. */
export function oneOperand(args: Arguments, command: string, operand: string): string {
  const [first, second] = args.positionals;
  if (first === undefined) throw new UsageException(`${command} needs ${operand}: serverless-connect ${command} ${operand}`);
  if (second !== undefined) throw new UsageException(`${command} takes one ${operand}, got also '${second}'`);
  return first;
}

/** At least one operand. Throws UsageException. */
export function someOperands(args: Arguments, command: string, operand: string): readonly string[] {
  if (args.positionals.length === 0)
    throw new UsageException(`${command} needs at least one ${operand}: serverless-connect ${command} ${operand}…`);
  return args.positionals;
}

/** Throws UsageException for any operand. */
export function noOperands(args: Arguments, command: string): void {
  if (args.positionals.length > 0) throw new UsageException(`${command} takes no operands, got '${args.positionals[0]}'`);
}

/** A flag that is a whole number in a range; `fallback` where it is not given. Throws UsageException. */
export function wholeNumber<T>(args: Arguments, flag: string, fallback: T, [least, most]: readonly [number, number]): number | T {
  const text = args.text(flag);
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!/^[+-]?\d+$/.test(text) || number < least || number > most)
    throw new UsageException(`--${flag} must be a whole number from ${least} to ${most}, got '${text}'`);
  return number;
}

/** A flag with a fixed set of values; `fallback` where it is not given. Throws UsageException. */
export function oneOf<T extends string>(args: Arguments, flag: string, allowed: readonly T[], fallback: T): T {
  const text = args.text(flag);
  if (text === undefined) return fallback;
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw new UsageException(`--${flag} must be ${allowed.join(' or ')}, got '${text}'`);
  return found;
}

/** A flag that is a point in time: ISO 8601 or milliseconds since the epoch. Throws UsageException. */
export function timestampMs(args: Arguments, flag: string): number | null {
  const text = args.text(flag);
  if (text === undefined) return null;
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(time))
    throw new UsageException(`--${flag} must be a time like 2026-05-04T10:00:00Z or milliseconds since the epoch, got '${text}'`);
  return time;
}
