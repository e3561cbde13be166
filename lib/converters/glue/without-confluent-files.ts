import { DataException } from '../../core/errors.ts';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoOption } from '../../formats/protobuf/proto-file.ts';

/** The options of Confluent's, such as `(confluent.field_meta)`, describe types that are written no differently without them. */
const META_FILE = 'confluent/meta.proto';

/** A file as AWS Glue takes it, which knows none of Confluent's files. DataException where data could not be written without one. */
export function withoutConfluentFiles(file: ProtoFile): ProtoFile {
  const needed = file.imports.find((path) => path.startsWith('confluent/') && path !== META_FILE);
  if (needed !== undefined) {
    throw new DataException(
      `the schema needs the file ${needed}, which AWS Glue does not know: cast decimals to text or float64 (Cast), or use AWSKafkaAvroConverter`,
    );
  }
  return {
    ...file,
    imports: file.imports.filter((path) => path !== META_FILE),
    options: plain(file.options),
    messages: file.messages.map(ofMessage),
    enums: file.enums.map(ofEnum),
  };
}

function ofMessage(message: ProtoMessage): ProtoMessage {
  return {
    ...message,
    fields: message.fields.map(ofField),
    oneofs: message.oneofs.map((oneof) => ({ ...oneof, fields: oneof.fields.map(ofField) })),
    messages: message.messages.map(ofMessage),
    enums: message.enums.map(ofEnum),
    options: plain(message.options),
  };
}

function ofField(field: ProtoField): ProtoField {
  return { ...field, options: plain(field.options) };
}

function ofEnum(each: ProtoEnum): ProtoEnum {
  return { ...each, options: plain(each.options) };
}

function plain(options: readonly ProtoOption[]): readonly ProtoOption[] {
  return options.filter(({ name }) => !name.startsWith('(confluent.'));
}
