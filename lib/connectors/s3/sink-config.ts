import { ConfigDef } from '../../core/config/config-def.ts';
import { AVRO_FORMAT, BYTES_FORMAT, JSON_FORMAT, PARQUET_FORMAT } from './class-names.ts';
import { defineConnector } from './keys/connector-keys.ts';
import { defineKeysAndHeaders, defineS3 } from './keys/s3-keys.ts';
import { definePartitioner, defineStorage } from './keys/storage-keys.ts';

/** Keys of the sink, with Confluent's names, types, defaults and order: what is wrong first is reported first. */
export const sinkConfigDef = definePartitioner(
  defineStorage(
    defineKeysAndHeaders(
      defineS3(defineConnector(new ConfigDef())),
      [AVRO_FORMAT, JSON_FORMAT, BYTES_FORMAT, PARQUET_FORMAT],
      [AVRO_FORMAT, JSON_FORMAT, PARQUET_FORMAT],
    ),
  ),
);
