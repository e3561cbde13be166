import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { ConfigException } from '../../../core/errors.ts';
import { FIELD_PARTITIONER } from '../class-names.ts';
import { sinkConfigDef } from '../sink-config.ts';
import { type SinkSettings, sinkSettings } from './sink-settings.ts';

/** Every key with its mistakes; where none stands in the way, the rules between keys as well. */
export function validateSink(props: ConnectorProps): ConfigValidation {
  const values = sinkConfigDef.validate(props);
  const add = (message: string, ...names: readonly string[]) => {
    for (const value of values) if (names.includes(value.name)) value.errorMessages.push(message);
  };
  if (props['partitioner.class'] === FIELD_PARTITIONER && (props['partition.field.name'] ?? '').trim() === '') {
    add('Partition field name cannot be null or empty when using FieldPartitioner.', 'partition.field.name');
  }
  const settings = settingsOrNull(props);
  if (settings !== null) {
    checkCompression(settings, add);
    if (settings.nullValues === 'write' && settings.keysFormat === null) {
      add(
        'Writing Kafka record keys to storage is mandatory when tombstone writing is enabled.',
        'store.kafka.keys',
        'behavior.on.null.values',
      );
    }
    if (settings.parsed.getBoolean('s3.wan.mode') && settings.parsed.getBoolean('s3.path.style.access.enabled')) {
      add(
        'Both accelerate mode and path style access are being enabled. These options are mutually exclusive and cannot be enabled together. Please disable one of them',
        's3.wan.mode',
        's3.path.style.access.enabled',
      );
    }
  }
  return { values };
}

function settingsOrNull(props: ConnectorProps): SinkSettings | null {
  try {
    return sinkSettings(props);
  } catch (error) {
    if (error instanceof ConfigException) return null;
    throw error;
  }
}

/** gzip goes with JSON and bytes only. */
function checkCompression(
  { compression, format, keysFormat, headersFormat, parsed }: SinkSettings,
  add: (message: string, ...names: string[]) => void,
): void {
  if (compression === 'none') return;
  const refuse = (what: string, name: string, ...names: string[]) =>
    add(
      `Compression Type ${compression} not valid for ${what} format class: ( ${parsed.getText(name)} ).`,
      ...names,
      name,
      's3.compression.type',
    );
  const compressible = (name: string | null) => name === null || name === 'json' || name === 'bytes';
  if (!compressible(format)) refuse('data', 'format.class');
  if (!compressible(keysFormat)) refuse('keys', 'keys.format.class', 'store.kafka.keys');
  if (!compressible(headersFormat)) refuse('headers', 'headers.format.class', 'store.kafka.headers');
}
