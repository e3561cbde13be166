import type { AvroData } from '../../../formats/avro/avro-data.ts';
import type { FormatName } from '../class-names.ts';
import type { ObjectBytes } from './object-bytes.ts';
import type { ReadPosition, RecordDecoder } from './record-decoder.ts';
import type { SourceFormatName, SourceSettings } from './source-settings.ts';
import { BYTES_TEXT, JSON_TEXT, SeparatedDecoder, STRING_TEXT } from './text-decoder.ts';

/** Opens an object at a position. */
export type OpenDecoder = (bytes: ObjectBytes, position: ReadPosition) => RecordDecoder;

/** How objects of values, keys and headers are read; Avro and Parquet are loaded only where they are used. */
export interface Decoders {
  readonly values: OpenDecoder;
  readonly keys: OpenDecoder | null;
  readonly headers: OpenDecoder | null;
}

export async function openDecoders(settings: SourceSettings): Promise<Decoders> {
  const { format, keysFormat, headersFormat } = settings;
  const data = [format, keysFormat, headersFormat].some((name) => name === 'avro' || name === 'parquet') ? await avroData(settings) : null;
  const open = async (name: SourceFormatName) => openerOf(name, settings, data);
  return {
    values: await open(format),
    keys: keysFormat === null ? null : await open(keysFormat),
    headers: headersFormat === null ? null : await open(headersFormat),
  };
}

async function openerOf(name: SourceFormatName, { separator }: SourceSettings, data: AvroData | null): Promise<OpenDecoder> {
  switch (name) {
    case 'json':
      return (bytes, position) => new SeparatedDecoder(bytes, JSON_TEXT, '\n', position);
    case 'string':
      return (bytes, position) => new SeparatedDecoder(bytes, STRING_TEXT, '\n', position);
    case 'bytes':
      return (bytes, position) => new SeparatedDecoder(bytes, BYTES_TEXT, separator, position);
    case 'avro': {
      const { AvroObjectDecoder } = await import('./avro-decoder.ts');
      return (bytes, position) => new AvroObjectDecoder(bytes, data!, position);
    }
    case 'parquet': {
      const { ParquetObjectDecoder } = await import('./parquet-decoder.ts');
      return (bytes, position) => new ParquetObjectDecoder(bytes, data!, position);
    }
  }
}

/** What the sink wrote with these: enums and names of packages stay. */
async function avroData({ parsed }: SourceSettings): Promise<AvroData> {
  const [{ AvroData }, { DEFAULT_AVRO_DATA_OPTIONS }] = await Promise.all([
    import('../../../formats/avro/avro-data.ts'),
    import('../../../formats/avro/avro-data-config.ts'),
  ]);
  return new AvroData({ ...DEFAULT_AVRO_DATA_OPTIONS, enhancedSchemaSupport: true, cacheSize: parsed.getNumber('schema.cache.size') });
}

/** What the names of objects of a format end with; null = anything (a packed text may be any). */
export function extensionsOf(format: SourceFormatName, bytesExtension: string): readonly string[] {
  const extensions: Readonly<Record<FormatName | 'string', readonly string[]>> = {
    avro: ['.avro'],
    json: ['.json', '.json.gz'],
    parquet: ['.parquet'],
    bytes: [bytesExtension, `${bytesExtension}.gz`],
    string: ['.txt', '.txt.gz', '.csv', '.csv.gz', '.json', '.json.gz', '.log', '.log.gz'],
  };
  return extensions[format];
}
