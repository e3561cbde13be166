/** How a registry names the kinds of schemas it keeps. */
export type SchemaKind = 'AVRO' | 'JSON' | 'PROTOBUF';

/** Another registered schema that a schema needs: `name` is how the schema speaks of it (an Avro full name, a file, a `$ref`). */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as text, as it is sent to a registry and comes back from it. */
export interface SchemaText {
  readonly schemaType: SchemaKind;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

/** A rule that a registry keeps with a schema (data contracts): what has to be done to data that is written or read with it. Disabled ones are left out. */
export interface SchemaRule {
  readonly name: string;
  /** `ENCRYPT`, `CEL`, `CEL_FIELD`, `JSONATA`, … */
  readonly type: string;
  readonly mode: 'WRITE' | 'READ' | 'WRITEREAD' | 'UPGRADE' | 'DOWNGRADE' | 'UPDOWN';
}

/** A schema that a registry knows. */
export interface RegisteredSchema extends SchemaText {
  readonly id: number;
  /** null = the registry is older than GUIDs (Confluent Platform 8.1). */
  readonly guid: string | null;
  /** Within a subject; null where it was asked for by id. */
  readonly version: number | null;
  /** `metadata.properties`; null = none. */
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly rules: readonly SchemaRule[];
}

/** What a registry answers when a schema is registered or looked up. */
export interface RegisteredId {
  readonly id: number;
  readonly guid: string | null;
  readonly version: number | null;
  /** The registry's own where it differs from what was sent (normalized, or with tags or rules added); null = as sent. */
  readonly schema: RegisteredSchema | null;
}

/**
 * A schema registry as the converters need it. Implementations remember what cannot change (ids, versions), so asking again costs nothing.
 * Every call may throw RestClientException (the registry's own error, with its code) or a network failure (`isNetworkFailure`), both of
 * `registry-errors.ts`; neither is a Connect error yet: see `converterFailure`.
 */
export interface SchemaRegistry {
  /** `subject` is a hint for registries with contexts; null = none, '' = the default context. */
  schemaById(id: number, subject: string | null): Promise<RegisteredSchema>;
  schemaByGuid(guid: string): Promise<RegisteredSchema>;
  /** Registers a schema unless the subject has it already. */
  register(subject: string, schema: SchemaText, options: { readonly normalize: boolean }): Promise<RegisteredId>;
  /** Finds a schema in a subject; `deleted` finds soft-deleted versions too. */
  lookUp(subject: string, schema: SchemaText, options: { readonly normalize: boolean; readonly deleted: boolean }): Promise<RegisteredId>;
  /** The latest version; never remembered here, for it changes. */
  latest(subject: string): Promise<RegisteredSchema>;
  /** The latest version whose metadata has all of these properties. */
  latestWithMetadata(subject: string, properties: Readonly<Record<string, string>>): Promise<RegisteredSchema>;
  /** Soft-deleted versions are found too: a reference to one still has to be resolved. */
  version(subject: string, version: number): Promise<RegisteredSchema>;
  /** The subject that an association names for a topic (Confluent Platform 8.3); null = none, or the registry knows no associations. */
  associatedSubject(topic: string, isKey: boolean, clusterId: string | null): Promise<string | null>;
}

/** The texts of a schema's references and of theirs, by name, each before the one that needs it. */
export async function resolveReferences(
  registry: SchemaRegistry,
  references: readonly SchemaReference[],
  resolved = new Map<string, string>(),
): Promise<ReadonlyMap<string, string>> {
  for (const { name, subject, version } of references) {
    if (resolved.has(name)) continue;
    const schema = await registry.version(subject, version);
    await resolveReferences(registry, schema.references, resolved);
    resolved.set(name, schema.schema);
  }
  return resolved;
}
