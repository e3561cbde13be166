import type { Clock } from '../core/clock.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import type { Schema } from '../core/data/schema.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { AvroData } from '../formats/avro/avro-data.ts';
import { avroDataOptions, defineAvroDataKeys } from '../formats/avro/avro-data-config.ts';
import { AvroDecoder } from '../formats/avro/avro-decoder.ts';
import { AvroEncoder } from '../formats/avro/avro-encoder.ts';
import { avroSchemaText } from '../formats/avro/avro-schema-text.ts';
import { parseAvroSchema } from '../formats/avro/parse-avro-schema.ts';
import { defineGlueKeys } from '../registry/glue/glue-client.ts';
import { GLUE_PERMISSIONS } from '../registry/glue/glue-permissions.ts';
import { glueRefusals } from '../registry/registry-refusals.ts';
import { converterConfigDef } from './converter-type.ts';
import { GlueConverter, type GlueFormat, type GluePayloadReader, type GlueWriting } from './glue/glue-converter.ts';

const CLASS_NAME = 'com.amazonaws.services.schemaregistry.kafkaconnect.AWSKafkaAvroConverter';

const OVERVIEW =
  'Writes keys and values as Avro with the AWS Glue Schema Registry and reads them back, in the wire format of AWS: version 3, compression, the id ' +
  'of the schema version, the data in binary. Requests are signed with the credentials of the environment. It needs `glue:GetSchemaVersion`, to write ' +
  'also `glue:GetSchemaByDefinition`, and with `schemaAutoRegistrationEnabled` `glue:RegisterSchemaVersion` and `glue:CreateSchema`.';

const CONFIG = defineGlueKeys(defineAvroDataKeys(converterConfigDef())).define({
  name: 'avroRecordType',
  type: 'STRING',
  default: 'GENERIC_RECORD',
  importance: 'LOW',
  doc: 'Accepted for compatibility; it is about Java classes.',
});

/** {@link OVERVIEW} */
export class AWSKafkaAvroConverter extends GlueConverter {
  constructor(clock?: Clock) {
    super(CONFIG, clock);
  }

  protected format(config: ParsedConfig): GlueFormat {
    const options = avroDataOptions(config);
    return new AvroGlueFormat(new AvroData(options), options.cacheSize);
  }
}

class AvroGlueFormat implements GlueFormat {
  readonly dataFormat = 'AVRO';
  readonly cacheSize: number;
  readonly #data: AvroData;
  readonly #out = new AvroEncoder();
  readonly #from = new AvroDecoder();

  constructor(data: AvroData, cacheSize: number) {
    this.#data = data;
    this.cacheSize = cacheSize;
  }

  writing(schema: Schema | null): GlueWriting {
    const avro = this.#data.fromConnectSchema(schema);
    const write = this.#data.writer(schema, avro);
    const out = this.#out;
    return {
      definition: avroSchemaText(avro),
      write(value) {
        out.reset();
        write(value, out);
        return out.view();
      },
    };
  }

  reading(definition: string): GluePayloadReader {
    const { schema, read } = this.#data.reader(parseAvroSchema(definition));
    const from = this.#from;
    return (payload) => ({ schema, value: read(from.begin(payload)) });
  }
}

export const glueAvroConverterManifest: PluginManifest = {
  kind: 'converter',
  className: CLASS_NAME,
  aliases: [],
  configDef: CONFIG,
  overview: OVERVIEW,
  module: 'converters/glue-avro-converter.ts',
  targets: ['region', 'endpoint', 'registry.name'],
  refusals: glueRefusals,
  exportName: 'AWSKafkaAvroConverter',
  load: async () => AWSKafkaAvroConverter,
  permissions: GLUE_PERMISSIONS,
};
