import { doubleToString } from '../data/java-numbers.ts';
import type { ConfigType } from './config-def.ts';

/** A parsed value as a text that parses to the same value (a Password is `[hidden]`); what REST answers. Null stays null. */
export function configToString(value: unknown, type: ConfigType): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'LIST') return (value as readonly unknown[]).map(String).join(',');
  return type === 'DOUBLE' ? doubleToString(value as number) : String(value);
}

/** A value as Java prints it in messages: lists as `[a, b]`. */
export function javaText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(javaText).join(', ')}]` : String(value);
}
