import { DataException } from '../errors.ts';
import { NullPointerException, NumberFormatException } from '../java/exceptions.ts';
import { BigDecimal } from './big-decimal.ts';
import { DECIMAL_NAME } from './logical-names.ts';
import type { Schema } from './schema.ts';
import { SchemaBuilder } from './schema-builder.ts';

export { BigDecimal } from './big-decimal.ts';

/** The schema parameter that holds the scale. */
export const SCALE_FIELD = 'scale';

/** Connect's Decimal: a BigDecimal of a fixed scale; its bytes are the unscaled value, big-endian two's complement, as short as possible. */
export const Decimal = {
  LOGICAL_NAME: DECIMAL_NAME,

  builder(scale: number): SchemaBuilder {
    return SchemaBuilder.bytes().name(DECIMAL_NAME).parameter(SCALE_FIELD, String(scale)).version(1);
  },

  schema(scale: number): Schema {
    return Decimal.builder(scale).build();
  },

  /** Bytes of a value. DataException where its scale is not the schema's. */
  fromLogical(schema: Schema, value: BigDecimal): Uint8Array {
    const scale = scaleOf(schema);
    if (value.scale !== scale) {
      throw new DataException(
        `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
      );
    }
    return bytesOfBigInt(value.unscaled);
  },

  toLogical(schema: Schema, value: Uint8Array): BigDecimal {
    return new BigDecimal(bigIntOfBytes(value), scaleOf(schema));
  },

  scaleOf,
};

function scaleOf(schema: Schema): number {
  if (schema.parameters === null)
    throw new NullPointerException('a Decimal schema needs the parameter "scale"; this schema has no parameters');
  const text = schema.parameters.get(SCALE_FIELD);
  if (text === undefined) throw new DataException('Invalid Decimal schema: scale parameter not found.');
  if (!/^[+-]?\d+$/.test(text) || (Number(text) | 0) !== Number(text)) {
    throw new DataException('Invalid scale parameter found in Decimal schema: ', {
      cause: new NumberFormatException(`For input string: "${text}"`),
    });
  }
  return Number(text);
}

/** `BigInteger.toByteArray`: big-endian two's complement, as short as possible. */
export function bytesOfBigInt(value: bigint): Uint8Array {
  if (value >= -128n && value <= 127n) return Uint8Array.of(Number(value) & 0xff);
  const magnitude = value < 0n ? -value - 1n : value;
  const length = Math.floor(magnitude.toString(2).length / 8) + 1;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** The inverse of {@link bytesOfBigInt}; NumberFormatException for no bytes. */
export function bigIntOfBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) throw new NumberFormatException('Zero length BigInteger');
  if (bytes.length <= 6) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return BigInt(buffer.readIntBE(0, bytes.length));
  }
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`));
}
