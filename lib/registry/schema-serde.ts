import type { Clock } from '../core/clock.ts';
import type { ParsedConfig } from '../core/config/parsed-config.ts';
import { ConfigException } from '../core/errors.ts';
import { JavaException } from '../core/java/exceptions.ts';
import { type ParsedSchema, type SchemaProvider, schemaTextOf } from './parsed-schema.ts';
import { SCHEMA_ID_SERIALIZERS } from './registry-config.ts';
import { registryFailure, SerializationException } from './registry-errors.ts';
import { type RegisteredSchema, resolveReferences, type SchemaRegistry } from './schema-registry.ts';
import { type SubjectNameStrategy, subjectNameStrategy } from './subject-name-strategy.ts';
import { type SchemaId, schemaIdText } from './wire-format.ts';

/** The schema to write with, and the id it has. */
export interface WriterSchema<S> {
  readonly schema: S;
  readonly id: number;
  /** null = the registry knows no GUIDs. */
  readonly guid: string | null;
}

/** What data is read as, where that is not what it was written with. */
export interface ReaderSchema<S> {
  readonly schema: S;
  /** Within the subject. */
  readonly version: number | null;
}

interface Latest<T> {
  readonly found: T;
  readonly until: number;
}

/**
 * The registry's part of a converter, the same for every format: which subject, which schema, which id. Nothing is remembered here but the
 * latest versions; a converter keeps what it got, by topic and schema or by id.
 */
export class SchemaSerde<S extends ParsedSchema> {
  readonly #registry: SchemaRegistry;
  readonly #provider: SchemaProvider<S>;
  readonly #config: ParsedConfig;
  readonly #isKey: boolean;
  readonly #clock: Clock;
  readonly #strategy: SubjectNameStrategy;
  readonly #metadata: Readonly<Record<string, string>> | null;
  readonly #latest = new Map<string, Latest<WriterSchema<S>>>();
  readonly #readers = new Map<string, Latest<RegisteredSchema>>();
  /** True: the id goes into a record header instead of in front of the payload. */
  readonly idInHeader: boolean;
  /** False: an id in a header is not looked for. */
  readonly readsHeaders: boolean;

  constructor(config: ParsedConfig, isKey: boolean, provider: SchemaProvider<S>, registry: SchemaRegistry, clock: Clock) {
    this.#registry = registry;
    this.#provider = provider;
    this.#config = config;
    this.#isKey = isKey;
    this.#clock = clock;
    const role = isKey ? 'key' : 'value';
    const configKey = `${role}.subject.name.strategy`;
    this.#strategy = subjectNameStrategy(
      {
        className: config.getText(configKey),
        configKey,
        fallbackType: config.getString('subject.name.strategy.fallback.type'),
        clusterId: config.getString('subject.name.strategy.kafka.cluster.id'),
      },
      registry,
    );
    this.#metadata = propertiesOf(config.getString('use.latest.with.metadata'));
    this.idInHeader = config.getText(`${role}.schema.id.serializer`) === SCHEMA_ID_SERIALIZERS.header;
    this.readsHeaders = config.getText(`${role}.schema.id.deserializer`).endsWith('.DualSchemaIdDeserializer');
  }

  /** How long a {@link WriterSchema} may be kept; null = for as long as the converter lives. */
  get writerTtlMs(): number | null {
    const { auto, latest } = this.#uses();
    const seconds = this.#config.getNumber('latest.cache.ttl.sec');
    return !auto && latest && seconds >= 0 ? seconds * 1000 : null;
  }

  /** How long what was found for reading may be kept; null = for as long as the converter lives. */
  get readerTtlMs(): number | null {
    const seconds = this.#config.getNumber('latest.cache.ttl.sec');
    return this.#uses().latest && seconds >= 0 ? seconds * 1000 : null;
  }

  /**
   * The schema to write data of `own` with: registered, looked up, or the one the configuration names. Throws SerializationException for a
   * refusal, RegistryTimeoutException or RegistryAccessException otherwise (`converterFailure` makes Connect errors of them).
   */
  async writerSchema(topic: string, own: S): Promise<WriterSchema<S>> {
    const { label } = this.#provider;
    let doing = `Error registering ${label} schema`;
    try {
      const subject = await this.#strategy.subjectName(topic, this.#isKey, own);
      const normalize = this.#config.getBoolean('normalize.schemas');
      const uses = this.#uses();
      if (uses.auto) {
        const { id, guid, schema } = await this.#registry.register(subject, schemaTextOf(own), { normalize });
        return { schema: schema === null ? own : await this.#toWrite(schema), id, guid };
      }
      if (uses.id >= 0) {
        doing = 'Error retrieving schema ID';
        const found = await this.#registry.schemaById(uses.id, subject);
        return { schema: await this.#strictly(found, own, 'id.compatibility.strict'), id: uses.id, guid: found.guid };
      }
      if (uses.guid !== null) {
        doing = 'Error retrieving schema GUID';
        const found = await this.#registry.schemaByGuid(uses.guid);
        const schema = await this.#strictly(found, own, 'id.compatibility.strict');
        const { id } = await this.#registry.lookUp(subject, schemaTextOf(schema), { normalize: false, deleted: false });
        return { schema, id, guid: uses.guid };
      }
      if (this.#metadata !== null) {
        doing = `Error retrieving latest with metadata '${JSON.stringify(this.#metadata)}'`;
        const properties = this.#metadata;
        return await this.#cachedLatest(this.#latest, subject, async () => {
          const found = await this.#registry.latestWithMetadata(subject, properties);
          return { schema: await this.#toWrite(found), id: found.id, guid: found.guid };
        });
      }
      if (uses.latest) {
        doing = `Error retrieving latest version of ${label} schema`;
        return await this.#cachedLatest(this.#latest, `${subject} ${own.text}`, async () => {
          const found = await this.#registry.latest(subject);
          return { schema: await this.#strictly(found, own, 'latest.compatibility.strict'), id: found.id, guid: found.guid };
        });
      }
      doing = `Error retrieving ${label} schema`;
      const { id, guid, schema } = await this.#registry.lookUp(subject, schemaTextOf(own), { normalize, deleted: false });
      if (schema !== null) refuseRules(schema, 'WRITE');
      return { schema: own, id, guid };
    } catch (error) {
      throw registryFailure(error, `${doing}${own.text}`);
    }
  }

  /** The schema of an id, without its version. Errors as {@link writerSchema}. */
  async schemaOf(topic: string, id: SchemaId): Promise<S> {
    try {
      const found = await this.#fetch(id, this.#strategy.usesSchema ? null : await this.#subject(topic, null));
      // what is read as another schema has to obey the rules of that one
      if (!this.#uses().latest) refuseRules(found, 'READ');
      return await this.parse(found);
    } catch (error) {
      throw registryFailure(error, `Error retrieving ${this.#what()} schema for id ${schemaIdText(this.#provider.schemaType, id)}`);
    }
  }

  /**
   * The version that a schema has in the subject of a topic. The text looked up is the format's own, so a schema whose text the registry keeps
   * otherwise is not found, as with Confluent's converters. Errors as {@link writerSchema}.
   */
  async versionOf(topic: string, id: SchemaId, schema: S): Promise<number | null> {
    try {
      const subject = await this.#subject(topic, schema);
      return (await this.#registry.lookUp(subject, schemaTextOf(schema), { normalize: false, deleted: true })).version;
    } catch (error) {
      throw registryFailure(error, `Error retrieving ${this.#what()} schema version for id ${schemaIdText(this.#provider.schemaType, id)}`);
    }
  }

  /**
   * The latest version of the subject, which data is read as with `use.latest.version` and `use.latest.with.metadata`; null = as it was written: neither
   * is set, or it was written with that version. Errors as {@link writerSchema}.
   */
  async readerSchema(topic: string, id: SchemaId, writer: S, writerVersion: number | null): Promise<ReaderSchema<S> | null> {
    if (!this.#uses().latest) return null;
    try {
      const subject = await this.#subject(topic, writer);
      const properties = this.#metadata;
      const found = await this.#cachedLatest(this.#readers, subject, () =>
        properties === null ? this.#registry.latest(subject) : this.#registry.latestWithMetadata(subject, properties),
      );
      refuseRules(found, 'READ');
      if (found.version === writerVersion) return null;
      await this.#refuseMigrations(subject, writerVersion, found);
      const schema = await this.parse(found);
      return schema.text === writer.text ? null : { schema, version: found.version };
    } catch (error) {
      throw registryFailure(error, `Error retrieving ${this.#provider.label} schema for id ${schemaIdText(this.#provider.schemaType, id)}`);
    }
  }

  /** Versions from one to the other may say how data is turned into the later or the earlier form; that is not done here. */
  async #refuseMigrations(subject: string, writerVersion: number | null, reader: RegisteredSchema): Promise<void> {
    if (writerVersion === null || reader.version === null) return;
    const mode = writerVersion < reader.version ? 'UPGRADE' : 'DOWNGRADE';
    const last = Math.max(writerVersion, reader.version);
    for (let version = Math.min(writerVersion, reader.version) + 1; version <= last; version++) {
      refuseRules(version === reader.version ? reader : await this.#registry.version(subject, version), mode);
    }
  }

  /** A schema of the registry, parsed with its references. */
  async parse(schema: RegisteredSchema): Promise<S> {
    if (schema.schemaType !== this.#provider.schemaType) {
      throw new SerializationException(`Invalid schema type ${schema.schemaType}`, {
        cause: new JavaException(
          `the schema is of type ${schema.schemaType}, but this converter reads ${this.#provider.schemaType}`,
          'java.lang.IllegalArgumentException',
        ),
      });
    }
    const resolved =
      schema.references.length === 0 ? new Map<string, string>() : await resolveReferences(this.#registry, schema.references);
    return this.#provider.parse(schema, resolved);
  }

  #fetch({ id, guid }: SchemaId, subject: string | null): Promise<RegisteredSchema> {
    if (id !== null) return this.#registry.schemaById(id, subject ?? '');
    if (guid !== null) return this.#registry.schemaByGuid(guid);
    throw new SerializationException('Could not deserialize schema ID');
  }

  async #subject(topic: string, schema: S | null): Promise<string> {
    return this.#strategy.subjectName(topic, this.#isKey, schema);
  }

  async #toWrite(found: RegisteredSchema): Promise<S> {
    refuseRules(found, 'WRITE');
    return this.parse(found);
  }

  /** A schema that is used instead of the data's own; the data must be readable with it, unless the key says that does not matter. */
  async #strictly(found: RegisteredSchema, own: S, key: string): Promise<S> {
    const schema = await this.#toWrite(found);
    if (!this.#config.getBoolean(key)) return schema;
    const reasons = this.#provider.incompatibilities(schema, own);
    if (reasons.length === 0) return schema;
    const refused = `Incompatible schema of type '${schema.schemaType}'. Set ${key}=false to disable this check: ${reasons.join('; ')}`;
    throw new SerializationException(`Error serializing ${this.#provider.label} message`, {
      cause: new JavaException(refused, 'java.io.IOException'),
    });
  }

  async #cachedLatest<T>(cache: Map<string, Latest<T>>, key: string, ask: () => Promise<T>): Promise<T> {
    const known = cache.get(key);
    if (known !== undefined && this.#clock.now() < known.until) return known.found;
    const found = await ask();
    if (cache.size >= this.#config.getNumber('latest.cache.size')) cache.clear();
    const seconds = this.#config.getNumber('latest.cache.ttl.sec');
    cache.set(key, { found, until: seconds < 0 ? Number.POSITIVE_INFINITY : this.#clock.now() + seconds * 1000 });
    return found;
  }

  #uses(): { readonly auto: boolean; readonly id: number; readonly guid: string | null; readonly latest: boolean } {
    return {
      auto: this.#config.getBoolean('auto.register.schemas'),
      id: this.#config.getNumber('use.schema.id'),
      guid: this.#config.getString('use.schema.guid'),
      latest: this.#config.getBoolean('use.latest.version') || this.#metadata !== null,
    };
  }

  /** `Avro value` */
  #what(): string {
    return `${this.#provider.label} ${this.#isKey ? 'key' : 'value'}`;
  }
}

const ALSO = { WRITE: 'WRITEREAD', READ: 'WRITEREAD', UPGRADE: 'UPDOWN', DOWNGRADE: 'UPDOWN' } as const;

/**
 * Rules (encryption of fields, checks, migrations) are Java code and not executed here. Data without what they promise must be neither written nor
 * read: the same error as Confluent's converters give without the rule's executor.
 */
function refuseRules({ rules }: RegisteredSchema, mode: keyof typeof ALSO): void {
  const rule = rules.find((each) => each.mode === mode || each.mode === ALSO[mode]);
  if (rule === undefined) return;
  throw new SerializationException(`Rule failed: ${rule.name}`, {
    cause: new JavaException(
      `Could not find rule executor of type ${rule.type}: rules of schemas are not executed here; disable the rule, or use a schema without it`,
      'io.confluent.kafka.schemaregistry.rules.RuleException',
    ),
  });
}

/** `app=a,stage=prod` */
function propertiesOf(text: string | null): Readonly<Record<string, string>> | null {
  if (text === null || text.trim() === '') return null;
  const entries = text.split(',').map((entry): [string, string] => {
    const equals = entry.indexOf('=');
    if (equals <= 0) throw ConfigException.invalid('use.latest.with.metadata', text, 'key=value is needed, several with commas');
    return [entry.slice(0, equals).trim(), entry.slice(equals + 1).trim()];
  });
  return Object.fromEntries(entries);
}
