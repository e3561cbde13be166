/** The words that Confluent's JSON Schema converter puts into schema documents and into the parameters of Connect schemas. */
export const NAMESPACE = 'io.confluent.connect.json';
export const TYPE_KEYWORD = 'connect.type';
export const VERSION_KEYWORD = 'connect.version';
export const PARAMETERS_KEYWORD = 'connect.parameters';
export const INDEX_KEYWORD = 'connect.index';

/** Parameter of a struct that refers to itself: the `id` by which the document names it. */
export const ID_PARAMETER = `${NAMESPACE}.Id`;
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
/** Name of the struct that stands for a `oneOf`; its fields are `….field.0`, `….field.1`. */
export const ONE_OF_NAME = `${NAMESPACE}.OneOf`;

/** The words of `generalized.sum.type.support`, which the converters of all formats share. */
export const GENERALIZED_ENUM = 'org.apache.kafka.connect.data.Enum';
export const GENERALIZED_UNION = 'org.apache.kafka.connect.data.Union';
export const GENERALIZED_UNION_PREFIX = 'connect_union_';
export const GENERALIZED_FIELD_PREFIX = `${GENERALIZED_UNION_PREFIX}field_`;

/** Stands for null among the symbols of an enum. */
export const NULL_SYMBOL = '<NULL>';

/** Field that holds what a document has beyond its properties (`preserve.additional.properties`). */
export const EXTRAS_FIELD = '__connect_additional_properties__';
