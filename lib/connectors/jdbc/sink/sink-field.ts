import type { Schema } from '../../../core/data/schema.ts';

/** A column to be written. */
export class SinkField {
  readonly schema: Schema;
  readonly name: string;
  readonly primaryKey: boolean;

  constructor(schema: Schema, name: string, primaryKey: boolean) {
    this.schema = schema;
    this.name = name;
    this.primaryKey = primaryKey;
  }

  /** Primary keys are never optional. */
  get optional(): boolean {
    return !this.primaryKey && this.schema.optional;
  }

  /** As the messages about missing fields print it. */
  toString(): string {
    return `SinkRecordField{schema=${String(this.schema)}, name='${this.name}', isPrimaryKey=${this.primaryKey}}`;
  }
}
