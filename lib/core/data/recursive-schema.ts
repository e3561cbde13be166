import type { Field, Schema } from './schema.ts';

/**
 * A place in a STRUCT schema where that schema, or one around it, stands again. Everything but `optional` is the target's. Equality looks no
 * deeper than names, since the way down has no end.
 */
export class RecursiveSchema implements Schema {
  readonly type = 'STRUCT';
  readonly optional: boolean;
  readonly defaultValue = null;
  readonly keySchema = null;
  readonly valueSchema = null;
  readonly #target: () => Schema;

  /** `target` is asked for later: it is being built when its own place in itself is made. */
  constructor(target: () => Schema, optional: boolean) {
    this.#target = target;
    this.optional = optional;
  }

  /** The schema that stands here again; its own `optional` means nothing here. */
  get target(): Schema {
    return this.#target();
  }

  get name(): string | null {
    return this.target.name;
  }

  get version(): number | null {
    return this.target.version;
  }

  get doc(): string | null {
    return this.target.doc;
  }

  get parameters(): ReadonlyMap<string, string> | null {
    return this.target.parameters;
  }

  get fields(): readonly Field[] | null {
    return this.target.fields;
  }

  field(name: string): Field | null {
    return this.target.field(name);
  }

  equals(other: Schema | null): boolean {
    if (other === this) return true;
    if (other === null || other.type !== 'STRUCT' || other.optional !== this.optional) return false;
    const target = other instanceof RecursiveSchema ? other.target : other;
    return target === this.target || sameShape(target, this.target);
  }

  toString(): string {
    return `Schema{${this.name}:STRUCT}`;
  }
}

function sameShape(a: Schema, b: Schema): boolean {
  if (a.name !== b.name || a.version !== b.version || a.fields?.length !== b.fields?.length) return false;
  return a.fields?.every((field, index) => field.name === b.fields?.[index]?.name) ?? true;
}
