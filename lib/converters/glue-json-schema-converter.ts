import type { Clock } from '../core/clock.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import { CaseInsensitiveValidString } from '../core/config/validators.ts';
import type { Schema } from '../core/data/schema.ts';
import { DataException } from '../core/errors.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { scannerOf } from '../formats/json/json-bytes.ts';
import { readNode } from '../formats/json/json-node.ts';
import { loadDocument } from '../formats/json-schema/document.ts';
import { fromConnectSchema } from '../formats/json-schema/from-connect-schema.ts';
import { DEFAULT_JSON_SCHEMA_OPTIONS, type JsonSchemaOptions } from '../formats/json-schema/options.ts';
import { valueReader } from '../formats/json-schema/read-value.ts';
import { toConnectSchema } from '../formats/json-schema/to-connect-schema.ts';
import { valueWriter } from '../formats/json-schema/write-value.ts';
import { defineGlueKeys } from '../registry/glue/glue-client.ts';
import { GLUE_PERMISSIONS } from '../registry/glue/glue-permissions.ts';
import { SerializationException } from '../registry/registry-errors.ts';
import { glueRefusals } from '../registry/registry-refusals.ts';
import { converterConfigDef } from './converter-type.ts';
import { GlueConverter, type GlueFormat, type GluePayloadReader, type GlueWriting } from './glue/glue-converter.ts';
import { parsedJsonSchema } from './json-schema/json-schema-provider.ts';

const CLASS_NAME = 'com.amazonaws.services.schemaregistry.kafkaconnect.jsonschema.JsonSchemaConverter';

const OVERVIEW =
  'Writes keys and values as JSON with a JSON Schema in the AWS Glue Schema Registry and reads them back, in the wire format of AWS: version 3, ' +
  'compression, the id of the schema version, the JSON. Requests are signed with the credentials of the environment. Schemas say the same as those ' +
  'of AWS’s converter (`connect.name`, `connect.index`, …), but not letter by letter: the first message after a change from one to the other may ' +
  'register a version. A null of an optional schema is a tombstone, where AWS’s converter writes the text `null`.';

const CONFIG = defineGlueKeys(converterConfigDef())
  .define({
    name: 'decimal.format',
    type: 'STRING',
    default: 'BASE64',
    validator: CaseInsensitiveValidString.in('NUMERIC', 'BASE64'),
    importance: 'LOW',
    doc: 'How decimals are written, in any case: BASE64 of the unscaled bytes, or NUMERIC. Both are read whatever is set.',
  })
  .define({
    name: 'schemas.cache.config',
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    doc: 'How many schemas one converter remembers.',
  });

/** {@link OVERVIEW} */
export class GlueJsonSchemaConverter extends GlueConverter {
  constructor(clock?: Clock) {
    super(CONFIG, clock);
  }

  protected format(config: ParsedConfig): GlueFormat {
    const decimalFormat = config.getText('decimal.format').toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64';
    const options: JsonSchemaOptions = { ...DEFAULT_JSON_SCHEMA_OPTIONS, decimalFormat };
    return {
      dataFormat: 'JSON',
      cacheSize: config.getNumber('schemas.cache.config'),
      writing: (schema) => writing(schema, options),
      reading: (definition) => reading(definition, options),
    };
  }
}

function writing(schema: Schema | null, options: JsonSchemaOptions): GlueWriting {
  if (schema === null) {
    throw new DataException('data without a schema has no JSON Schema to be registered; set a schema, or use the JsonConverter');
  }
  const write = valueWriter(schema, options);
  return {
    definition: parsedJsonSchema(fromConnectSchema(schema, options)).text,
    write(value) {
      const text = write(value ?? null);
      if (text === null) throw new DataException('Conversion error: null value for field that is required and has no default value');
      return Buffer.from(text, 'utf8');
    },
  };
}

function reading(definition: string, options: JsonSchemaOptions): GluePayloadReader {
  const { root } = parsedJsonSchema(definition);
  const schema = toConnectSchema(loadDocument(root, new Map(), { ignoreModern: false }), null, options);
  const read = valueReader(schema, options);
  return (payload) => {
    let node: ReturnType<typeof readNode>;
    try {
      node = readNode(scannerOf(payload));
    } catch (error) {
      throw new SerializationException('Failed to read JSON Payload', { cause: error });
    }
    return { schema, value: read(node) };
  };
}

export const glueJsonSchemaConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/glue-json-schema-converter.ts',
  targets: ['region', 'endpoint', 'registry.name'],
  refusals: glueRefusals,
  exportName: 'GlueJsonSchemaConverter',
  load: async () => GlueJsonSchemaConverter,
  permissions: GLUE_PERMISSIONS,
};
