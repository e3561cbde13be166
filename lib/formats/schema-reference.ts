import type { Field, Schema } from '../core/data/schema.ts';

/** A struct schema under construction, to which schemas inside it may refer. */
export interface SharedStruct {
  /** null until everything inside it is known. */
  built: Schema | null;
  /** Parameters that references show beside those of the built schema. */
  readonly parameters: Map<string, string>;
}

/**
 * A struct schema by reference: the schema of a field whose struct holds itself. It reads like the struct that it refers to, but for being
 * optional or not, which is of the place. Must not be asked before that struct is built.
 */
export class SchemaReference implements Schema {
  readonly type = 'STRUCT';
  readonly keySchema = null;
  readonly valueSchema = null;
  readonly #shared: SharedStruct;
  readonly #optional: boolean | null;
  readonly #parameters: ReadonlyMap<string, string>;
  /** With whom this is being compared: meeting the same two again inside them tells nothing new. */
  readonly #comparedWith = new Set<Schema>();

  /** `optional` null = as the struct itself. `parameters` override those of the struct. */
  constructor(shared: SharedStruct, optional: boolean | null, parameters: ReadonlyMap<string, string> = new Map()) {
    this.#shared = shared;
    this.#optional = optional;
    this.#parameters = parameters;
  }

  get #target(): Schema {
    if (this.#shared.built === null) throw new Error('a schema was asked for its fields before it was complete');
    return this.#shared.built;
  }

  get optional(): boolean {
    return this.#optional ?? this.#target.optional;
  }
  get defaultValue(): unknown {
    return this.#target.defaultValue;
  }
  get name(): string | null {
    return this.#target.name;
  }
  get version(): number | null {
    return this.#target.version;
  }
  get doc(): string | null {
    return this.#target.doc;
  }
  get parameters(): ReadonlyMap<string, string> {
    return new Map([...(this.#target.parameters ?? []), ...this.#shared.parameters, ...this.#parameters]);
  }
  get fields(): readonly Field[] {
    return this.#target.fields!;
  }

  field(name: string): Field | null {
    return this.#target.field(name);
  }

  equals(other: Schema | null): boolean {
    if (other === this) return true;
    if (other === null || other.type !== 'STRUCT' || other.fields === null) return false;
    if (this.#comparedWith.has(other)) return true;
    this.#comparedWith.add(other);
    try {
      const fields = this.fields;
      return (
        this.optional === other.optional &&
        this.name === other.name &&
        this.version === other.version &&
        this.doc === other.doc &&
        fields.length === other.fields.length &&
        fields.every((field, index) => field.name === other.fields![index]!.name && field.schema.equals(other.fields![index]!.schema))
      );
    } finally {
      this.#comparedWith.delete(other);
    }
  }

  toString(): string {
    return this.name === null ? 'Schema{STRUCT}' : `Schema{${this.name}:STRUCT}`;
  }
}
