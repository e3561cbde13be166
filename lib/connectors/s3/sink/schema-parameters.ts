/** Parameters that say that a schema is an enumeration: of Connect's own kind, of Avro, of Protobuf. */
export const ENUM_PARAMETERS: readonly string[] = [
  'org.apache.kafka.connect.data.Enum',
  'io.confluent.connect.avro.Enum',
  'io.confluent.connect.protobuf.Enum',
];

/** A parameter that documents and does not change what values are. */
export function isMetadataParameter(name: string): boolean {
  return (
    name === 'connect.record.doc' ||
    name === 'connect.record.aliases' ||
    name === 'connect.record.namespace' ||
    name.startsWith('io.confluent.connect.avro.field.doc.')
  );
}
