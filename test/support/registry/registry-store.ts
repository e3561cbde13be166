import { createHash } from 'node:crypto';
import type { ParsedSchema, SchemaProvider } from '../../../lib/registry/parsed-schema.ts';
import type { SchemaKind, SchemaReference } from '../../../lib/registry/schema-registry.ts';

/** What the REST API answers an error with. */
export class RegistryError extends Error {
  readonly status: number;
  readonly errorCode: number;

  constructor(status: number, errorCode: number, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export interface SchemaRequest {
  readonly schema: string;
  readonly schemaType?: SchemaKind;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: { readonly properties?: Readonly<Record<string, string>> } | null;
  /** Rules as they come; this registry only keeps them. */
  readonly ruleSet?: Readonly<Record<string, unknown>> | null;
  readonly id?: number;
  readonly version?: number;
}

export interface Entry {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid: string;
  readonly schemaType: SchemaKind;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: SchemaRequest['metadata'] | null;
  readonly ruleSet: SchemaRequest['ruleSet'] | null;
  deleted: boolean;
}

export const COMPATIBILITY_LEVELS = ['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'];
export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'];

/** What a registry keeps, and its rules. Kinds without a provider are taken as they are: not parsed, always compatible. */
export class RegistryStore {
  readonly entries: Entry[] = [];
  readonly #providers: ReadonlyMap<string, SchemaProvider<ParsedSchema>>;
  readonly #levels = new Map<string, string>([['', 'BACKWARD']]);
  readonly #modes = new Map<string, string>([['', 'READWRITE']]);

  constructor(providers: readonly SchemaProvider<ParsedSchema>[]) {
    this.#providers = new Map(providers.map((provider) => [provider.schemaType, provider]));
  }

  subjects(deleted: boolean): string[] {
    return [...new Set(this.entries.filter((entry) => deleted || !entry.deleted).map(({ subject }) => subject))];
  }

  versions(subject: string, deleted = false): Entry[] {
    const all = this.entries.filter((entry) => entry.subject === subject);
    const shown = all.filter((entry) => deleted || !entry.deleted);
    if (shown.length === 0) throw new RegistryError(404, 40401, `Subject '${subject}' not found.`);
    return shown;
  }

  version(subject: string, which: string, deleted = false): Entry {
    const shown = this.versions(subject, deleted);
    if (which === 'latest' || which === '-1') return shown.at(-1) as Entry;
    if (!/^[1-9]\d*$/.test(which)) {
      throw new RegistryError(
        422,
        42202,
        `The specified version '${which}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
      );
    }
    const found = shown.find(({ version }) => version === Number(which));
    if (found === undefined) throw new RegistryError(404, 40402, `Version ${which} not found.`);
    return found;
  }

  byId(id: number): Entry {
    const found = this.entries.find((entry) => entry.id === id);
    if (found === undefined) throw new RegistryError(404, 40403, `Schema ${id} not found`);
    return found;
  }

  byGuid(guid: string): Entry {
    const found = this.entries.find((entry) => entry.guid === guid);
    if (found === undefined) throw new RegistryError(404, 40403, `Schema ${guid} not found`);
    return found;
  }

  lookUp(subject: string, request: SchemaRequest, { deleted = false, normalize = false } = {}): Entry {
    const shown = this.versions(subject, deleted);
    const asked = this.#textOf(request, normalize);
    const found = shown.find((entry) => sameSchema(entry, asked, request));
    if (found === undefined) throw new RegistryError(404, 40403, 'Schema not found');
    return found;
  }

  register(subject: string, request: SchemaRequest, normalize = false): Entry {
    const mode = this.mode(subject);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') throw new RegistryError(422, 42205, `Subject ${subject} is in read-only mode`);
    if (request.id !== undefined && mode !== 'IMPORT') throw new RegistryError(422, 42205, `Subject ${subject} is not in import mode`);
    const text = this.#textOf(request, normalize);
    const own = this.entries.filter((entry) => entry.subject === subject);
    const live = own.filter(({ deleted }) => !deleted);
    const known = live.find((entry) => sameSchema(entry, text, request));
    if (known !== undefined) return known;
    if (mode !== 'IMPORT') {
      const reasons = this.incompatibilities(subject, request, live);
      if (reasons.length > 0) {
        throw new RegistryError(
          409,
          409,
          `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${reasons.join(', ')}]`,
        );
      }
    }
    const twin = this.entries.find((entry) => sameSchema(entry, text, request));
    const id = request.id ?? twin?.id ?? Math.max(0, ...this.entries.map((entry) => entry.id)) + 1;
    if (request.id !== undefined && this.entries.some((entry) => entry.id === id && !sameSchema(entry, text, request))) {
      throw new RegistryError(422, 42205, `Overwrite new schema with id ${id} is not permitted.`);
    }
    const entry: Entry = {
      subject,
      version: request.version ?? Math.max(0, ...own.map(({ version }) => version)) + 1,
      id,
      guid: guidOf(text, request),
      schemaType: request.schemaType ?? 'AVRO',
      schema: text,
      references: request.references ?? [],
      metadata: request.metadata ?? null,
      // as the registry does it, a version without rules inherits those of the one before
      ruleSet: request.ruleSet ?? live.at(-1)?.ruleSet ?? null,
      deleted: false,
    };
    this.entries.push(entry);
    return entry;
  }

  /** Why a schema cannot follow these versions; they are the live ones of the subject, or one that was asked about. */
  incompatibilities(subject: string, request: SchemaRequest, versions: readonly Entry[]): string[] {
    const level = this.level(subject);
    const provider = this.#providers.get(request.schemaType ?? 'AVRO');
    if (level === 'NONE' || provider === undefined) return [];
    const next = this.#parse(request);
    const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
    return compared.flatMap((entry) => {
      if (entry.schemaType !== (request.schemaType ?? 'AVRO')) return [`the schema type changes from ${entry.schemaType}`];
      const previous = this.#parse(entry);
      if (next === null || previous === null) return [];
      const reasons: string[] = [];
      if (!level.startsWith('FORWARD')) reasons.push(...provider.incompatibilities(next, previous));
      if (!level.startsWith('BACKWARD')) reasons.push(...provider.incompatibilities(previous, next));
      return reasons;
    });
  }

  deleteVersion(subject: string, which: string, permanent: boolean): number {
    const found = this.version(subject, which, permanent);
    this.#checkReferences([found]);
    if (permanent && !found.deleted) {
      throw new RegistryError(
        404,
        40407,
        `Subject '${subject}' Version ${found.version} was not deleted first before being permanently deleted`,
      );
    }
    this.#remove([found], permanent);
    return found.version;
  }

  deleteSubject(subject: string, permanent: boolean): number[] {
    const all = this.entries.filter((entry) => entry.subject === subject);
    if (all.length === 0) throw new RegistryError(404, 40401, `Subject '${subject}' not found.`);
    if (permanent && all.some(({ deleted }) => !deleted)) {
      throw new RegistryError(404, 40405, `Subject '${subject}' was not deleted first before being permanently deleted`);
    }
    if (!permanent && all.every(({ deleted }) => deleted)) {
      throw new RegistryError(404, 40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`);
    }
    const gone = all.filter(({ deleted }) => permanent || !deleted);
    this.#checkReferences(gone);
    this.#remove(gone, permanent);
    return gone.map(({ version }) => version);
  }

  referencedBy({ subject, version }: Entry): number[] {
    const users = this.entries.filter((entry) => entry.references.some((ref) => ref.subject === subject && ref.version === version));
    return [...new Set(users.filter(({ deleted }) => !deleted).map(({ id }) => id))];
  }

  level(subject: string): string {
    return this.#levels.get(subject) ?? (this.#levels.get('') as string);
  }

  /** null = the subject has none of its own. */
  ownLevel(subject: string): string | null {
    return this.#levels.get(subject) ?? null;
  }

  setLevel(subject: string, level: string | null): void {
    if (level === null) this.#levels.delete(subject);
    else if (!COMPATIBILITY_LEVELS.includes(level))
      throw new RegistryError(422, 42203, `Invalid compatibility level. Valid values are ${COMPATIBILITY_LEVELS.join(', ')}`);
    else this.#levels.set(subject, level);
  }

  mode(subject: string): string {
    return this.#modes.get(subject) ?? (this.#modes.get('') as string);
  }

  ownMode(subject: string): string | null {
    return this.#modes.get(subject) ?? null;
  }

  setMode(subject: string, mode: string | null, force: boolean): void {
    if (mode === null) this.#modes.delete(subject);
    else if (!MODES.includes(mode)) throw new RegistryError(422, 42204, `Invalid mode. Valid values are ${MODES.join(', ')}`);
    else if (mode === 'IMPORT' && !force && this.entries.some((entry) => subject === '' || entry.subject === subject)) {
      throw new RegistryError(422, 42205, `Cannot import since found existing subjects`);
    } else this.#modes.set(subject, mode);
  }

  #textOf(request: SchemaRequest, normalize: boolean): string {
    const parsed = this.#parse(request);
    return normalize && parsed !== null ? parsed.text : request.schema;
  }

  #parse(request: SchemaRequest): ParsedSchema | null {
    const schemaType = request.schemaType ?? 'AVRO';
    const provider = this.#providers.get(schemaType);
    const references = request.references ?? [];
    const resolved = new Map<string, string>();
    this.#resolve(references, resolved);
    if (provider === undefined) return null;
    try {
      return provider.parse({ schemaType, schema: request.schema, references }, resolved);
    } catch (error) {
      throw new RegistryError(422, 42201, `Invalid schema ${request.schema}, details: ${(error as Error).message}`);
    }
  }

  #resolve(references: readonly SchemaReference[], resolved: Map<string, string>): void {
    for (const { name, subject, version } of references) {
      const found = this.entries.find((entry) => entry.subject === subject && entry.version === version);
      if (found === undefined)
        throw new RegistryError(422, 42201, `Invalid schema: no schema reference found for subject "${subject}" and version ${version}`);
      this.#resolve(found.references, resolved);
      resolved.set(name, found.schema);
    }
  }

  #checkReferences(entries: readonly Entry[]): void {
    const used = entries.find((entry) => this.referencedBy(entry).length > 0);
    if (used !== undefined) {
      throw new RegistryError(
        422,
        42206,
        `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${used.subject},version=${used.version}}.`,
      );
    }
  }

  #remove(gone: readonly Entry[], permanent: boolean): void {
    for (const entry of gone) {
      entry.deleted = true;
      if (permanent) this.entries.splice(this.entries.indexOf(entry), 1);
    }
  }
}

function sameSchema(entry: Entry, text: string, request: SchemaRequest): boolean {
  if (entry.schemaType !== (request.schemaType ?? 'AVRO')) return false;
  if (JSON.stringify(entry.references) !== JSON.stringify(request.references ?? [])) return false;
  return comparable(entry.schema) === comparable(text);
}

function comparable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.replace(/\s+/g, ' ').trim();
  }
}

function guidOf(text: string, { schemaType = 'AVRO', references = [] }: SchemaRequest): string {
  const hex = createHash('md5')
    .update(`${schemaType}${comparable(text)}${JSON.stringify(references)}`)
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
