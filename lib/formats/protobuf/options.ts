/** What is configured of the mapping between Connect data and Protobuf; the keys of Confluent's converter in camel case. */
export interface ProtobufOptions {
  readonly enhancedProtobufSchemaSupport: boolean;
  readonly scrubInvalidNames: boolean;
  readonly intForEnums: boolean;
  readonly optionalForNullables: boolean;
  readonly optionalForProto2: boolean;
  readonly wrapperForNullables: boolean;
  readonly wrapperForRawPrimitives: boolean;
  readonly generateStructForNulls: boolean;
  readonly generateIndexForUnions: boolean;
  readonly flattenUnions: boolean;
  readonly generalizedSumTypeSupport: boolean;
  readonly ignoreDefaultForNullables: boolean;
}

export const DEFAULT_PROTOBUF_OPTIONS: ProtobufOptions = {
  enhancedProtobufSchemaSupport: false,
  scrubInvalidNames: false,
  intForEnums: false,
  optionalForNullables: false,
  optionalForProto2: true,
  wrapperForNullables: false,
  wrapperForRawPrimitives: true,
  generateStructForNulls: false,
  generateIndexForUnions: true,
  flattenUnions: false,
  generalizedSumTypeSupport: false,
  ignoreDefaultForNullables: false,
};
