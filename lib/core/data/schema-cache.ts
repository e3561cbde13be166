import type { Schema } from './schema.ts';

/**
 * What was made of a schema, so that it is made once: by identity, and for a schema that is another object but equal, by equality among the
 * last ones. Belongs to one plug-in instance.
 */
export class SchemaCache<T> {
  readonly #size: number;
  readonly #known = new WeakMap<Schema, T>();
  readonly #recent: { readonly schema: Schema; readonly made: T }[] = [];
  #lastSchema: Schema | null = null;
  #last: T | undefined;

  /** `size`: among how many schemas an equal one is looked for; Connect's transformations keep 16. */
  constructor(size = 16) {
    this.#size = Math.max(1, size);
  }

  /** What `make` made of this schema or of an equal one; an error of `make` is not kept. */
  get(schema: Schema, make: (schema: Schema) => T): T {
    if (schema === this.#lastSchema) return this.#last as T;
    let made = this.#known.get(schema);
    if (made === undefined) {
      made = this.#recent.find((entry) => entry.schema.equals(schema))?.made;
      if (made === undefined) {
        made = make(schema);
        this.#recent.unshift({ schema, made });
        if (this.#recent.length > this.#size) this.#recent.pop();
      }
      this.#known.set(schema, made);
    }
    this.#lastSchema = schema;
    this.#last = made;
    return made;
  }
}
