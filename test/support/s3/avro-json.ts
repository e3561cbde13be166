/** A schema of Avro as JSON. */
export type AvroJsonSchema = string | readonly AvroJsonSchema[] | { readonly [name: string]: unknown };

/** Named types of a schema, by full name. */
export class AvroNames {
  readonly #types = new Map<string, { readonly schema: Readonly<Record<string, unknown>>; readonly namespace: string }>();

  /** The schema behind a name, or the schema itself; registers what it names. */
  resolve(schema: AvroJsonSchema, namespace: string): { schema: AvroJsonSchema; namespace: string } {
    if (typeof schema === 'string') {
      const full = schema.includes('.') || namespace === '' ? schema : `${namespace}.${schema}`;
      return this.#types.get(full) ?? this.#types.get(schema) ?? { schema, namespace };
    }
    if (Array.isArray(schema)) return { schema, namespace };
    const object = schema as Readonly<Record<string, unknown>>;
    if (typeof object.name !== 'string') return { schema, namespace };
    const own = object.name.includes('.')
      ? object.name.slice(0, object.name.lastIndexOf('.'))
      : ((object.namespace as string | undefined) ?? namespace);
    const full = fullName(object, namespace);
    this.#types.set(full, { schema: object, namespace: own });
    return { schema, namespace: own };
  }
}

export function fullName(schema: Readonly<Record<string, unknown>>, namespace: string): string {
  const name = schema.name as string;
  if (name.includes('.')) return name;
  const own = (schema.namespace as string | undefined) ?? namespace;
  return own === '' ? name : `${own}.${name}`;
}

/** How a branch of a union is named in Avro's JSON encoding. */
export function branchName(schema: AvroJsonSchema, namespace: string): string {
  if (typeof schema === 'string') return schema;
  const object = schema as Readonly<Record<string, unknown>>;
  return typeof object.name === 'string' ? fullName(object, namespace) : String(object.type);
}

/** Bytes as Avro's JSON encoding has them: one character each. */
export function bytesJson(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
