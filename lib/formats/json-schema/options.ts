/** What is configured of the mapping between Connect data and JSON Schema; the keys of Confluent's converter in camel case. */
export interface JsonSchemaOptions {
  /** `object.additional.properties`: false writes `"additionalProperties": false` into objects. */
  readonly objectAdditionalProperties: boolean;
  /** `use.optional.for.nonrequired`: properties that are not required become optional fields. */
  readonly useOptionalForNonrequired: boolean;
  /** `ignore.default.for.nullables`: a null is written as null, even where the field has a default. */
  readonly ignoreDefaultForNullables: boolean;
  /** `generalized.sum.type.support`: enums and unions in the form that all formats share. */
  readonly generalizedSumTypeSupport: boolean;
  /** `flatten.singleton.unions`: a `oneOf` of one schema is that schema. */
  readonly flattenSingletonUnions: boolean;
  /** `preserve.additional.properties`: undeclared properties are kept, as variants, in a field of their own. */
  readonly preserveAdditionalProperties: boolean;
  readonly decimalFormat: 'BASE64' | 'NUMERIC';
  /** `ignore.modern.dialects`: documents of drafts after 7 are read as draft 7. */
  readonly ignoreModernDialects: boolean;
}

export const DEFAULT_JSON_SCHEMA_OPTIONS: JsonSchemaOptions = {
  objectAdditionalProperties: true,
  useOptionalForNonrequired: false,
  ignoreDefaultForNullables: false,
  generalizedSumTypeSupport: false,
  flattenSingletonUnions: true,
  preserveAdditionalProperties: false,
  decimalFormat: 'BASE64',
  ignoreModernDialects: false,
};
