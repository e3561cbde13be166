import { describe, expect, it } from 'vitest';
import { BigDecimal } from '../../../../lib/core/data/big-decimal.ts';
import { bigIntOfBytes, bytesOfBigInt, Decimal } from '../../../../lib/core/data/decimal.ts';
import { DataException } from '../../../../lib/core/errors.ts';

describe('BigDecimal', () => {
  it.each([
    ['1.25', 125n, 2],
    ['-0.00', 0n, 2],
    ['+12', 12n, 0],
    ['5.', 5n, 0],
    ['.5', 5n, 1],
    ['1E+3', 1n, -3],
    ['1e-7', 1n, 7],
    ['١٢', 12n, 0],
  ])('reads %s', (text, unscaled, scale) => {
    expect(BigDecimal.parse(text)).toEqual(new BigDecimal(unscaled, scale));
  });

  it.each(['', '.', '+', '1e', '0x1', '1_0', ' 1', 'NaN', '1e99999999999'])('refuses %j', (text) => {
    expect(() => BigDecimal.parse(text)).toThrow(expect.objectContaining({ name: 'NumberFormatException' }));
  });

  it.each([
    [125n, 2, '1.25', '1.25'],
    [-5n, 7, '-5E-7', '-0.0000005'],
    [5n, 6, '0.000005', '0.000005'],
    [12n, -3, '1.2E+4', '12000'],
    [0n, -3, '0E+3', '0'],
    [0n, 7, '0E-7', '0.0000000'],
  ])('prints %s scale %s', (unscaled, scale, text, plain) => {
    const decimal = new BigDecimal(unscaled, scale);
    expect([decimal.toString(), decimal.toPlainString()]).toEqual([text, plain]);
  });

  it('compares by value but equals by scale too', () => {
    const one = BigDecimal.parse('1.0');
    expect(one.compareTo(BigDecimal.parse('1.00'))).toBe(0);
    expect(one.equals(BigDecimal.parse('1.00'))).toBe(false);
    expect(BigDecimal.parse('-2').compareTo(BigDecimal.parse('1e-1000000000'))).toBe(-1);
    expect(BigDecimal.parse('12').compareTo(BigDecimal.parse('9.99'))).toBe(1);
  });

  it('does not write out what would fill the memory', () => {
    expect(() => BigDecimal.parse('1e2000000000').toBigInt()).toThrow(RangeError);
  });
});

describe('Decimal', () => {
  it.each([
    [0n, '00'],
    [127n, '7f'],
    [128n, '0080'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [2n ** 63n, '008000000000000000'],
    [-(2n ** 63n), '8000000000000000'],
  ])('writes %s as the shortest two’s complement', (value, hex) => {
    const bytes = bytesOfBigInt(value);
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
    expect(bigIntOfBytes(bytes)).toBe(value);
  });

  it('wants the scale of the schema', () => {
    const schema = Decimal.schema(2);
    expect(Decimal.toLogical(schema, Decimal.fromLogical(schema, BigDecimal.parse('-1.25')))).toEqual(BigDecimal.parse('-1.25'));
    expect(() => Decimal.fromLogical(schema, BigDecimal.parse('1.5'))).toThrow(DataException);
  });
});
