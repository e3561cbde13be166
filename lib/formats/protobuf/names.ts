/** The words that Confluent's Protobuf converter puts into the names and parameters of Connect schemas. */
const NAMESPACE = 'io.confluent.connect.protobuf';
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`;
export const UNION_PREFIX = `${NAMESPACE}.Union.`;
/** The field number. */
export const TAG_PARAMETER = `${NAMESPACE}.Tag`;
/** The scalar type, where the Connect type alone does not tell it. */
export const TYPE_PARAMETER = `${NAMESPACE}.Type`;
/** Marks a member of a oneof that was a wrapper message. */
export const WRAPPER_PARAMETER = `${NAMESPACE}.Wrapper`;
export const GENERALIZED_ENUM = 'org.apache.kafka.connect.data.Enum';
export const GENERALIZED_UNION = 'org.apache.kafka.connect.data.Union';
export const PRECISION_PARAMETER = 'connect.decimal.precision';
export const CONNECT_TYPE = 'connect.type';
export const DEFAULT_NAME = 'ConnectDefault';

export const DECIMAL = 'confluent.type.Decimal';
export const VARIANT = 'confluent.type.Variant';
export const DATE = 'google.type.Date';
export const TIME_OF_DAY = 'google.type.TimeOfDay';
export const TIMESTAMP = 'google.protobuf.Timestamp';

/** The files of the messages that fields refer to. */
export const IMPORT_OF: Readonly<Record<string, string>> = {
  [DECIMAL]: 'confluent/type/decimal.proto',
  [VARIANT]: 'confluent/type/variant.proto',
  [DATE]: 'google/type/date.proto',
  [TIME_OF_DAY]: 'google/type/timeofday.proto',
  [TIMESTAMP]: 'google/protobuf/timestamp.proto',
};

export function isWrapperName(fullName: string): boolean {
  return /^google\.protobuf\.(?:Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/.test(fullName);
}
