import { JavaException } from '../../core/java/exceptions.ts';

/** A text is no Avro schema, or a name is none that Avro allows. */
export class SchemaParseException extends JavaException {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'org.apache.avro.SchemaParseException', options);
  }
}

/** Bytes that are not what their schema says, or data that its schema cannot hold. */
export class AvroDataError extends JavaException {
  constructor(message: string, javaClass = 'org.apache.avro.AvroRuntimeException') {
    super(message, javaClass);
  }
}

/** The bytes end before the data does. */
export function endOfData(): AvroDataError {
  return new AvroDataError('the data ends before its schema is satisfied', 'java.io.EOFException');
}
