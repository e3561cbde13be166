import { DataException } from '../../../core/errors.ts';

/** Errors of Avro and Parquet about a schema; these and DataException mean that a record is bad, not the target. */
const SCHEMA_ERRORS = new Set(['SchemaParseException', 'InvalidSchemaException']);

/** Whether an error says that one record cannot be written. */
export function isBadData(error: unknown): error is Error {
  return error instanceof DataException || (error instanceof Error && SCHEMA_ERRORS.has(error.name));
}
