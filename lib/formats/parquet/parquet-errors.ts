import { JavaException } from '../../core/java/exceptions.ts';

/** A schema that Parquet cannot hold, such as a group without fields. */
export class InvalidSchemaException extends JavaException {
  constructor(message: string) {
    super(message, 'org.apache.parquet.schema.InvalidSchemaException');
  }
}
