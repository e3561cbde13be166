const WRAPPED = ['double', 'float', 'int64', 'uint64', 'int32', 'uint32', 'bool', 'string', 'bytes'];
const WRAPPER_NAMES = ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'];

export const WRAPPERS_PATH = 'google/protobuf/wrappers.proto';

/** As protoc's descriptor prints it; registered for values that are no structs. */
export const WRAPPERS_FILE = `syntax = "proto3";
package google.protobuf;

option java_package = "com.google.protobuf";
option java_outer_classname = "WrappersProto";
option java_multiple_files = true;
option go_package = "google.golang.org/protobuf/types/known/wrapperspb";
option cc_enable_arenas = true;
option objc_class_prefix = "GPB";
option csharp_namespace = "Google.Protobuf.WellKnownTypes";

${WRAPPER_NAMES.map((name, index) => `message ${name}Value {\n  ${WRAPPED[index]} value = 1 [json_name = "value"];\n}`).join('\n')}
`;

const proto = (packageName: string, body: string): string => `syntax = "proto3";\npackage ${packageName};\n${body}`;
const fields = (text: string): string =>
  text
    .split(',')
    .map((field, index) => `${field} = ${index + 1};`)
    .join(' ');

/** The files that every schema may import without a reference to them: Google's well-known types and Confluent's. */
export const KNOWN_FILES: ReadonlyMap<string, string> = new Map([
  [WRAPPERS_PATH, WRAPPERS_FILE],
  ['google/protobuf/timestamp.proto', proto('google.protobuf', `message Timestamp { ${fields('int64 seconds,int32 nanos')} }`)],
  ['google/protobuf/duration.proto', proto('google.protobuf', `message Duration { ${fields('int64 seconds,int32 nanos')} }`)],
  ['google/protobuf/empty.proto', proto('google.protobuf', 'message Empty {}')],
  ['google/protobuf/any.proto', proto('google.protobuf', `message Any { ${fields('string type_url,bytes value')} }`)],
  ['google/protobuf/field_mask.proto', proto('google.protobuf', `message FieldMask { ${fields('repeated string paths')} }`)],
  ['google/protobuf/source_context.proto', proto('google.protobuf', `message SourceContext { ${fields('string file_name')} }`)],
  [
    'google/protobuf/struct.proto',
    proto(
      'google.protobuf',
      `message Struct { map<string, Value> fields = 1; }
message Value {
  oneof kind {
    NullValue null_value = 1; double number_value = 2; string string_value = 3;
    bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6;
  }
}
enum NullValue { NULL_VALUE = 0; }
message ListValue { repeated Value values = 1; }`,
    ),
  ],
  ['google/type/date.proto', proto('google.type', `message Date { ${fields('int32 year,int32 month,int32 day')} }`)],
  [
    'google/type/timeofday.proto',
    proto('google.type', `message TimeOfDay { ${fields('int32 hours,int32 minutes,int32 seconds,int32 nanos')} }`),
  ],
  ['google/type/money.proto', proto('google.type', `message Money { ${fields('string currency_code,int64 units,int32 nanos')} }`)],
  ['google/type/latlng.proto', proto('google.type', `message LatLng { ${fields('double latitude,double longitude')} }`)],
  [
    'google/type/interval.proto',
    proto(
      'google.type',
      'import "google/protobuf/timestamp.proto"; message Interval { google.protobuf.Timestamp start_time = 1; google.protobuf.Timestamp end_time = 2; }',
    ),
  ],
  [
    'google/type/color.proto',
    proto(
      'google.type',
      'import "google/protobuf/wrappers.proto"; message Color { float red = 1; float green = 2; float blue = 3; google.protobuf.FloatValue alpha = 4; }',
    ),
  ],
  [
    'google/type/dayofweek.proto',
    proto(
      'google.type',
      'enum DayOfWeek { DAY_OF_WEEK_UNSPECIFIED = 0; MONDAY = 1; TUESDAY = 2; WEDNESDAY = 3; THURSDAY = 4; FRIDAY = 5; SATURDAY = 6; SUNDAY = 7; }',
    ),
  ],
  ['confluent/type/decimal.proto', proto('confluent.type', `message Decimal { ${fields('bytes value,uint32 precision,int32 scale')} }`)],
  ['confluent/type/variant.proto', proto('confluent.type', `message Variant { ${fields('bytes metadata,bytes value')} }`)],
  [
    'confluent/meta.proto',
    proto('confluent', 'message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }'),
  ],
]);
