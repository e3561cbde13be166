import type { PluginManifest } from '../core/manifest.ts';
import { avroConverterManifest } from './avro-converter.ts';
import { booleanConverterManifest, booleanHeaderConverterManifest } from './boolean-converter.ts';
import { byteArrayConverterManifest, byteArrayHeaderConverterManifest } from './byte-array-converter.ts';
import { doubleConverterManifest, doubleHeaderConverterManifest } from './double-converter.ts';
import { floatConverterManifest, floatHeaderConverterManifest } from './float-converter.ts';
import { glueAvroConverterManifest } from './glue-avro-converter.ts';
import { glueJsonSchemaConverterManifest } from './glue-json-schema-converter.ts';
import { glueProtobufConverterManifest } from './glue-protobuf-converter.ts';
import { integerConverterManifest, integerHeaderConverterManifest } from './integer-converter.ts';
import { jsonConverterManifest, jsonHeaderConverterManifest } from './json-converter.ts';
import { jsonSchemaConverterManifest } from './json-schema-converter.ts';
import { longConverterManifest, longHeaderConverterManifest } from './long-converter.ts';
import { protobufConverterManifest } from './protobuf-converter.ts';
import { shortConverterManifest, shortHeaderConverterManifest } from './short-converter.ts';
import { simpleHeaderConverterManifest } from './simple-header-converter.ts';
import { stringConverterManifest, stringHeaderConverterManifest } from './string-converter.ts';

/** The converters for keys and values. */
export const converterManifests: readonly PluginManifest[] = [
  jsonConverterManifest,
  stringConverterManifest,
  byteArrayConverterManifest,
  booleanConverterManifest,
  shortConverterManifest,
  integerConverterManifest,
  longConverterManifest,
  floatConverterManifest,
  doubleConverterManifest,
  jsonSchemaConverterManifest,
  protobufConverterManifest,
  avroConverterManifest,
  glueAvroConverterManifest,
  glueJsonSchemaConverterManifest,
  glueProtobufConverterManifest,
];

/** The converters for headers: the default one, and those for keys and values. */
export const headerConverterManifests: readonly PluginManifest[] = [
  simpleHeaderConverterManifest,
  jsonHeaderConverterManifest,
  stringHeaderConverterManifest,
  byteArrayHeaderConverterManifest,
  booleanHeaderConverterManifest,
  shortHeaderConverterManifest,
  integerHeaderConverterManifest,
  longHeaderConverterManifest,
  floatHeaderConverterManifest,
  doubleHeaderConverterManifest,
];
