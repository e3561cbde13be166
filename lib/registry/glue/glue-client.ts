import { type AwsEnvironment, callService } from '../../aws/service-request.ts';
import type { Clock } from '../../core/clock.ts';
import type { ConfigDef } from '../../core/config/config-def.ts';
import type { ParsedConfig } from '../../core/config/parsed-config.ts';
import { CaseInsensitiveValidString } from '../../core/config/validators.ts';
import { ConfigException, ConnectException, isRetriable } from '../../core/errors.ts';
import { SerializationException } from '../registry-errors.ts';

const LEVELS = ['NONE', 'DISABLED', 'BACKWARD', 'BACKWARD_ALL', 'FORWARD', 'FORWARD_ALL', 'FULL', 'FULL_ALL'];
/** How long AWS may take to check a version, asked this often. */
const CHECKS = 10;
const CHECK_WAIT_MS = 1_000;

/** How AWS names the kinds of schemas. */
export type GlueDataFormat = 'AVRO' | 'JSON' | 'PROTOBUF';

/** Defines AWS's keys of the converters with the Glue Schema Registry. */
export function defineGlueKeys(def: ConfigDef): ConfigDef {
  const text = (name: string, defaultValue: string | null, doc: string) =>
    def.define({ name, type: 'STRING', default: defaultValue, importance: 'MEDIUM', doc });
  text('region', null, 'The AWS region of the registry. By default that of the environment.');
  text('endpoint', null, 'Another address of AWS Glue than the region’s own.');
  text('registry.name', 'default-registry', 'The registry that schemas are kept in.');
  text('schemaName', null, 'The schema that versions are kept under. By default the name of the topic.');
  text('description', '', 'Description of schemas that are made.');
  text('assumeRoleArn', null, 'Not supported here: let the function have the permissions itself.');
  text('dataFormat', null, 'Accepted for compatibility; the format is that of the converter.');
  text('userAgentApp', null, 'Accepted for compatibility.');
  const ofAny = (name: string, defaultValue: string, allowed: readonly string[], doc: string) =>
    def.define({
      name,
      type: 'STRING',
      default: defaultValue,
      importance: 'MEDIUM',
      doc,
      validator: CaseInsensitiveValidString.in(...allowed),
    });
  ofAny('compatibility', 'BACKWARD', LEVELS, 'Compatibility of schemas that are made.');
  ofAny('compression', 'NONE', ['NONE', 'ZLIB'], 'How data is compressed.');
  def.define({
    name: 'schemaAutoRegistrationEnabled',
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    doc: 'Whether schemas and versions that the registry does not know are made.',
  });
  def.define({ name: 'cacheSize', type: 'INT', default: 200, importance: 'LOW', doc: 'How many schema versions are remembered.' });
  return def.define({
    name: 'timeToLiveMillis',
    type: 'INT',
    default: 86_400_000,
    importance: 'LOW',
    doc: 'Milliseconds after which a schema version is asked for again.',
  });
}

/** One version of a schema. */
export interface GlueSchemaVersion {
  readonly definition: string;
  readonly format: string;
}

/**
 * The part of AWS Glue's API that converters need, each request signed with the credentials of the environment. Throws RetriableException for an
 * outage or throttling, ConfigException where access is refused, SerializationException for everything else.
 */
export class GlueClient {
  readonly #env: AwsEnvironment;
  readonly #config: ParsedConfig;
  readonly #clock: Clock;

  /** `config` was parsed with the keys of {@link defineGlueKeys}. Connects to nothing. */
  constructor(config: ParsedConfig, clock: Clock, env: AwsEnvironment = process.env) {
    if (config.getString('assumeRoleArn')) {
      throw ConfigException.invalid(
        'assumeRoleArn',
        config.getString('assumeRoleArn'),
        'roles are not assumed here: give the permissions to the function',
      );
    }
    const region = config.getString('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
    if (!region) throw new ConfigException('Region is not defined in the properties');
    const endpoint = config.getString('endpoint');
    this.#env = { ...env, AWS_REGION: region, ...(endpoint ? { AWS_ENDPOINT_URL_GLUE: endpoint } : {}) };
    this.#config = config;
    this.#clock = clock;
  }

  /** The definition behind an id. */
  async version(schemaVersionId: string): Promise<GlueSchemaVersion> {
    const found = await this.#call('GetSchemaVersion', { SchemaVersionId: schemaVersionId });
    return { definition: String(found.SchemaDefinition), format: String(found.DataFormat) };
  }

  /** The id of a definition; it is registered where that is allowed. */
  async idOf(topic: string, format: GlueDataFormat, definition: string): Promise<string> {
    const schema = { RegistryName: this.#config.getText('registry.name'), SchemaName: this.#config.getString('schemaName') ?? topic };
    try {
      const found = await this.#call('GetSchemaByDefinition', { SchemaId: schema, SchemaDefinition: definition });
      return await this.#available(found);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (!this.#config.getBoolean('schemaAutoRegistrationEnabled')) {
        throw new SerializationException('Failed to auto-register schema. Auto registration of schema is not enabled.', { cause: error });
      }
    }
    try {
      return await this.#available(await this.#call('RegisterSchemaVersion', { SchemaId: schema, SchemaDefinition: definition }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const made = await this.#call('CreateSchema', {
      RegistryId: { RegistryName: schema.RegistryName },
      SchemaName: schema.SchemaName,
      DataFormat: format,
      Compatibility: this.#config.getText('compatibility').toUpperCase(),
      Description: this.#config.getText('description'),
      SchemaDefinition: definition,
    });
    return this.#available({ SchemaVersionId: made.SchemaVersionId, Status: made.SchemaVersionStatus });
  }

  /** Waits until AWS has checked a version; one that failed is not compatible with those before it. */
  async #available(version: Readonly<Record<string, unknown>>): Promise<string> {
    const id = String(version.SchemaVersionId);
    let status = version.Status;
    for (let check = 0; status === 'PENDING' && check < CHECKS; check++) {
      await this.#clock.sleep(CHECK_WAIT_MS);
      status = (await this.#call('GetSchemaVersion', { SchemaVersionId: id })).Status;
    }
    if (status === 'AVAILABLE') return id;
    throw new SerializationException(`Schema evolution check failed. schemaVersionId ${id} is in ${String(status)} status.`);
  }

  async #call(action: string, body: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSGlue.${action}` };
    try {
      const request = { service: 'glue', path: '/', headers, body: JSON.stringify(body), doing: `${action} of AWS Glue` };
      return JSON.parse(await callService(request, this.#env)) as Readonly<Record<string, unknown>>;
    } catch (error) {
      if (isRetriable(error) || !(error instanceof ConnectException)) throw error;
      if (
        /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|MissingAuthentication/.test(error.message) ||
        error.code === 'no-credentials'
      ) {
        throw new ConfigException(error.message, { cause: error });
      }
      throw new SerializationException(error.message, { cause: error });
    }
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof SerializationException && error.message.includes('EntityNotFoundException');
}
