import type { ParsedConfig } from '../../../core/config/parsed-config.ts';
import type { AvroData } from '../../../formats/avro/avro-data.ts';
import type { FormatName } from '../class-names.ts';
import type { S3Client } from '../client.ts';
import { bytesFormat } from '../sink-formats/bytes-format.ts';
import { jsonFormat } from '../sink-formats/json-format.ts';
import { headersView, keyView, type RecordView, VALUE_VIEW } from '../sink-formats/record-view.ts';
import type { RecordWriterProvider } from '../sink-formats/record-writer.ts';
import { objectStore } from '../storage/object-store.ts';
import type { FileFormats } from './key-value-header-writer.ts';
import type { SinkSettings } from './sink-settings.ts';

/** The formats of values, keys and headers as configured; Avro and Parquet are loaded only where they are used. */
export async function fileFormats(settings: SinkSettings, client: S3Client): Promise<FileFormats> {
  const format = formatMaker(settings, client);
  return {
    values: await format(settings.format, VALUE_VIEW),
    keys: settings.keysFormat === null ? null : await format(settings.keysFormat, keyView()),
    headers: settings.headersFormat === null ? null : await format(settings.headersFormat, headersView()),
    tombstoneFolder: settings.tombstoneFolder,
    writesTombstones: settings.nullValues === 'write',
  };
}

function formatMaker(settings: SinkSettings, client: S3Client): (name: FormatName, view: RecordView) => Promise<RecordWriterProvider> {
  const { parsed, compression, compressionLevel } = settings;
  const store = objectStore(
    client,
    {
      cannedAcl: settings.cannedAcl,
      encryption: settings.encryption,
      partSizeBytes: settings.partSizeBytes,
      bufferInitialBytes: settings.bufferInitialBytes,
      sendDigest: settings.sendDigest,
      conditional: settings.conditionalWrites,
    },
    compression === 'gzip' ? compressionLevel : null,
  );
  const packed = compression === 'gzip' ? '.gz' : '';
  return async (name, view) => {
    switch (name) {
      case 'json': {
        const decimalFormat = parsed.getText('json.decimal.format').toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64';
        return jsonFormat(store, view, `.json${packed}`, decimalFormat);
      }
      case 'bytes': {
        // A separator of blanks is one: the value as it was written, not trimmed
        const separator = settings.props['format.bytearray.separator'] ?? '\n';
        return bytesFormat(store, view, `${parsed.getText('format.bytearray.extension')}${packed}`, separator);
      }
      case 'avro': {
        const [{ avroFormat }, data] = await Promise.all([import('../sink-formats/avro-format.ts'), avroData(parsed)]);
        return avroFormat(store, view, data, parsed.getText('avro.codec'));
      }
      case 'parquet': {
        const [{ parquetCodec, parquetFormat }, data] = await Promise.all([import('../sink-formats/parquet-format.ts'), avroData(parsed)]);
        return parquetFormat(store, view, data, parquetCodec(parsed.getText('parquet.codec').trim()));
      }
    }
  };
}

/** The mapping to Avro, which Parquet goes by as well. */
async function avroData(parsed: ParsedConfig): Promise<AvroData> {
  const [{ AvroData }, { DEFAULT_AVRO_DATA_OPTIONS }] = await Promise.all([
    import('../../../formats/avro/avro-data.ts'),
    import('../../../formats/avro/avro-data-config.ts'),
  ]);
  return new AvroData({
    ...DEFAULT_AVRO_DATA_OPTIONS,
    enhancedSchemaSupport: parsed.getBoolean('enhanced.avro.schema.support'),
    connectMetaData: parsed.getBoolean('connect.meta.data'),
    allowOptionalMapKeys: parsed.getBoolean('allow.optional.map.keys'),
    cacheSize: parsed.getNumber('schemas.cache.config'),
  });
}
