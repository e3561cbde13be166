import { BigDecimal } from '../../../core/data/decimal.ts';
import { ConnectException } from '../../../core/errors.ts';
import type { RawValue } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';

/** The whole number in an incrementing column. Throws ConnectException where it has a fraction. */
export function incrementingValue(raw: Exclude<RawValue, null>, dialect: Dialect): bigint {
  const text = typeof raw === 'bigint' ? raw : dialect.values.decimal(raw);
  if (typeof text === 'bigint') return text;
  if (!text.includes('.') && !/e/i.test(text)) return BigInt(text);
  const decimal = BigDecimal.parse(text);
  if (decimal.scale > 0) throw new ConnectException('Scale of Decimal value for incrementing column must be 0');
  return decimal.toBigInt();
}
