import { SimpleHeaderConverter } from '../../../lib/converters/simple-header-converter.ts';
import type { HeaderConverter } from '../../../lib/core/converter.ts';
import { ConnectDate, ConnectTime, ConnectTimestamp } from '../../../lib/core/data/logical.ts';
import type { Schema } from '../../../lib/core/data/schema.ts';
import type { SchemaAndValue } from '../../../lib/core/data/schema-and-value.ts';
import { FLOAT32_SCHEMA, FLOAT64_SCHEMA, INT8_SCHEMA, INT16_SCHEMA, INT32_SCHEMA, INT64_SCHEMA } from '../../../lib/core/data/schemas.ts';
import * as Values from '../../../lib/core/data/values.ts';
import type { ConformanceCase } from '../format/case.ts';
import { inPhase } from '../format/case.ts';
import { decodeSchema, decodeValue, encodeBytes, encodeSchema, encodeValue, type SchemaJson, type ValueJson } from '../format/codec.ts';

interface Input {
  readonly schema: SchemaJson | null;
  readonly value: ValueJson;
  readonly scale: number;
  readonly topic: string;
  readonly headerKey: string;
  readonly bytes: string | null;
}

type Convert = (schema: Schema | null, value: unknown, scale: number) => unknown;

/** Each conversion, and the schema that its results have. */
const CONVERSIONS: Readonly<Record<string, readonly [Convert, Schema | null]>> = {
  convertToString: [Values.convertToString, null],
  convertToBoolean: [Values.convertToBoolean, null],
  convertToByte: [Values.convertToByte, INT8_SCHEMA],
  convertToShort: [Values.convertToShort, INT16_SCHEMA],
  convertToInteger: [Values.convertToInteger, INT32_SCHEMA],
  convertToLong: [Values.convertToLong, INT64_SCHEMA],
  convertToFloat: [Values.convertToFloat, FLOAT32_SCHEMA],
  convertToDouble: [Values.convertToDouble, FLOAT64_SCHEMA],
  convertToList: [Values.convertToList, null],
  convertToMap: [Values.convertToMap, null],
  convertToStruct: [Values.convertToStruct, null],
  convertToDate: [Values.convertToDate, ConnectDate.SCHEMA],
  convertToTime: [Values.convertToTime, ConnectTime.SCHEMA],
  convertToTimestamp: [Values.convertToTimestamp, ConnectTimestamp.SCHEMA],
  convertToDecimal: [Values.convertToDecimal, null],
};

export function run({ op, config, input: raw }: ConformanceCase): unknown {
  const input = raw as unknown as Input;
  switch (op) {
    case 'parseString':
      return encodeBoth(Values.parseString(decodeValue(input.value) as string | null));
    case 'inferSchema':
      return { schema: encodeSchema(Values.inferSchema(decodeValue(input.value))) };
    case 'toConnectHeader': {
      const converter = configured(config);
      const bytes = input.bytes === null ? null : Buffer.from(input.bytes, 'base64');
      return encodeBoth(inPhase('convert', () => converter.toConnectHeader(input.topic, input.headerKey, bytes)));
    }
    case 'fromConnectHeader': {
      const converter = configured(config);
      const schema = decodeSchema(input.schema);
      const value = decodeValue(input.value, schema);
      const bytes = inPhase('convert', () => converter.fromConnectHeader(input.topic, input.headerKey, schema, value));
      return encodeBytes(bytes);
    }
  }
  const [convert, resultSchema] = CONVERSIONS[op!]!;
  const schema = decodeSchema(input.schema);
  const converted = convert(schema, decodeValue(input.value, schema), input.scale);
  return { value: encodeValue(converted, resultSchema ?? (op === 'convertToStruct' ? null : schema)) };
}

function configured(config: ConformanceCase['config']): HeaderConverter {
  const converter: HeaderConverter = new SimpleHeaderConverter();
  inPhase('configure', () => converter.configure({ ...config, 'converter.type': 'header' }));
  return converter;
}

function encodeBoth({ schema, value }: SchemaAndValue): unknown {
  return { schema: encodeSchema(schema), value: encodeValue(value, schema) };
}
