import type { ConfigDef, ConfigKey, ConfigType, ConfigValue } from '../core/config/config-def.ts';
import { nearestNames } from '../core/config/did-you-mean.ts';
import type { Connector, ConnectorProps } from '../core/connector.ts';
import { ConnectException } from '../core/errors.ts';
import { PatternSyntaxException } from '../core/java/exceptions.ts';
import type { ConnectorManifest } from '../core/manifest.ts';
import type { SourceConnector } from '../core/source.ts';
import type { PluginResolver } from '../plugins/plugin-resolver.ts';
import { clientSettingProblems, OVERRIDE_PREFIXES } from './client-setting-problems.ts';
import { type ConverterRole, converterConfig } from './converter-config.ts';
import { LAMBDA_CONFIG_DEF } from './lambda-keys.ts';
import { forbiddenOverrides } from './override-policy.ts';
import { frameworkConfigDef } from './parse-connector.ts';
import { preflightErrors } from './preflight.ts';
import { type ConfigProblem, didYouMean } from './problems.ts';
import type { ConfigProvider } from './providers/config-provider.ts';
import { redactedValue, type SecretKnowledge, withoutSecret } from './redaction.ts';
import { sinkCrossFieldErrors } from './sink-connector-config.ts';
import { unknownKeys } from './unknown-keys.ts';
import { resolveVariables, variablesIn } from './variables.ts';
import { withWorkerDefaults } from './worker-defaults.ts';

const CONVERTER = /^(key|value|header)\.converter$/;

/** What is to be validated, and against what. */
export interface ConnectorToValidate {
  /** Names the part of the file in problems; empty = the whole. */
  readonly where: string;
  /** As written, variables not replaced. */
  readonly config: ConnectorProps;
  /** The worker's configuration; converters come from there where the connector names none. */
  readonly worker: ConnectorProps;
  readonly resolver: PluginResolver;
  /** For variables; null = not reachable from here (synth): keys with variables are not judged. */
  readonly providers: ReadonlyMap<string, ConfigProvider> | null;
  /** False: providers that ask a service are left out, keys with their variables are not judged. Default: true. */
  readonly reach?: boolean;
  /** `refuse`: unknown keys are errors. `warn`: they are warnings, as over REST and for `.properties` files. */
  readonly unknownKeys: 'refuse' | 'warn';
  /** The connector's own `validate`, which may ask the outside world; null or absent = only its ConfigDef. */
  readonly validatePlugin?: ((manifest: ConnectorManifest, props: ConnectorProps) => Promise<readonly ConfigValue[]>) | null;
  /** Makes the connector, for what a source is asked about exactly-once delivery; null or absent = its code is not at hand. */
  readonly loadConnector?: ((manifest: ConnectorManifest) => Promise<Connector>) | null;
}

/** The outcome; `values` and `keys` are what REST answers. */
export interface ConnectorValidation {
  /** null = the class is not known. */
  readonly manifest: ConnectorManifest | null;
  readonly problems: readonly ConfigProblem[];
  readonly values: readonly ConfigValue[];
  readonly keys: ReadonlyMap<string, ConfigKey>;
  readonly groups: readonly string[];
}

const ROLES: readonly ConverterRole[] = ['key', 'value', 'header'];

/**
 * Validates one connector's configuration from end to end: class, framework keys with aliases, the connector's own keys, rules between keys,
 * converters, overrides, `lambda.*`, unknown keys. Never throws for what the configuration says: every mistake is in the answer.
 */
export async function validateConnector(request: ConnectorToValidate): Promise<ConnectorValidation> {
  return new Validation(request).run();
}

class Validation {
  readonly #request: ConnectorToValidate;
  readonly #problems: ConfigProblem[] = [];
  readonly #values: ConfigValue[] = [];
  readonly #keys = new Map<string, ConfigKey>();
  readonly #groups: string[] = [];
  #props: ConnectorProps;
  #secrets: SecretKnowledge = {};
  /** Keys whose value is not known here. */
  #unresolved: ReadonlySet<string> = new Set();

  constructor(request: ConnectorToValidate) {
    this.#request = request;
    this.#props = request.config;
  }

  async run(): Promise<ConnectorValidation> {
    await this.#resolveVariables();
    const manifest = this.#manifest();
    const { resolver } = this.#request;
    const kind = manifest?.kind ?? (this.#props.topics !== undefined || this.#props['topics.regex'] !== undefined ? 'sink' : 'source');
    const framework = withWorkerDefaults(frameworkConfigDef(kind, this.#props, resolver, { full: false }), {
      connector: manifest,
      props: this.#props,
      worker: this.#request.worker,
      resolver,
    });
    this.#secrets = { ...this.#secrets, defs: manifest === null ? [framework] : [framework, manifest.configDef] };
    this.#take(framework, framework.validate(this.#props));
    if (manifest !== null) await this.#plugin(manifest);
    if (kind === 'sink' && manifest !== null) this.#sinkRules();
    this.#predicates();
    if (kind === 'source') await this.#preflight(manifest);
    const converters = this.#converters();
    for (const { key, message } of forbiddenOverrides(this.#props, this.#request.worker)) this.#error(key, message, null);
    const severity = this.#request.unknownKeys === 'refuse' ? 'error' : 'warning';
    this.#problems.push(...clientSettingProblems(this.#props, OVERRIDE_PREFIXES, { where: this.#request.where, unknown: severity }));
    for (const value of LAMBDA_CONFIG_DEF.validate(this.#props)) this.#judge(value, LAMBDA_CONFIG_DEF);
    this.#lambdaRules(manifest);
    for (const { key, message, remedy } of unknownKeys(this.#props, { framework, plugin: manifest?.configDef ?? null, converters })) {
      this.#add(severity, key, message, remedy);
    }
    return { manifest, problems: this.#problems, values: this.#values, keys: this.#keys, groups: this.#groups };
  }

  /** A promise that cannot be kept is refused, not ignored. Asks nothing of a value that is wrong in itself. */
  async #preflight(manifest: ConnectorManifest | null): Promise<void> {
    const { loadConnector, worker } = this.#request;
    const asks = ['exactly.once.support', 'transaction.boundary'].some((key) => this.#props[key] !== undefined);
    if (!asks || this.#unresolved.size > 0) return;
    const connector = manifest === null || loadConnector == null ? null : await loadConnector(manifest);
    for (const { key, message } of preflightErrors(connector as SourceConnector | null, this.#props, worker)) {
      this.#values.find(({ name }) => name === key)?.errorMessages.push(message);
      this.#error(key, message, key === 'exactly.once.support' ? 'allowed: requested (then duplicates are possible after a crash)' : null);
    }
  }

  async #resolveVariables(): Promise<void> {
    const { config, providers, reach } = this.#request;
    const withVariables = Object.keys(config).filter((key) => variablesIn(config[key] as string).length > 0);
    this.#secrets = { secretKeys: new Set(withVariables) };
    if (withVariables.length === 0) return;
    const outOfReach = (provider: string) => providers === null || (reach === false && providers.get(provider)?.remote === true);
    const usesOutOfReach = (key: string) => variablesIn(config[key] as string).some(({ provider }) => outOfReach(provider));
    this.#unresolved = new Set(withVariables.filter(usesOutOfReach));
    if (providers === null || this.#unresolved.size === withVariables.length) return;
    const known = new Map([...providers].filter(([name]) => !outOfReach(name)));
    try {
      this.#props = (await resolveVariables(config, known)).props;
    } catch (error) {
      this.#unresolved = new Set(withVariables);
      this.#error(null, `cannot replace variables: ${(error as Error).message}`, `keys with variables: ${withVariables.join(', ')}`);
      return;
    }
    for (const key of withVariables.filter((each) => !this.#unresolved.has(each))) {
      for (const { text, provider } of variablesIn(config[key] as string)) {
        if (!(this.#props[key] as string).includes(text)) continue;
        const known = `known providers: ${[...providers.keys()].join(', ')}`;
        const why = providers.has(provider) ? `the provider ${provider} has no value for ${text}` : `${text} names no provider`;
        this.#add('warning', key, `${why}; the text is used as it stands`, providers.has(provider) ? null : known);
      }
    }
  }

  #manifest(): ConnectorManifest | null {
    const name = this.#props['connector.class']?.trim();
    if (name === undefined || name === '' || this.#unresolved.has('connector.class')) return null;
    try {
      return this.#request.resolver.connector(name);
    } catch (error) {
      if (!(error instanceof ConnectException)) throw error;
      this.#error('connector.class', error.message, null);
      return null;
    }
  }

  async #plugin(manifest: ConnectorManifest): Promise<void> {
    const { validatePlugin } = this.#request;
    const values = manifest.configDef.validate(this.#props);
    this.#take(manifest.configDef, values);
    for (const { key, message } of manifest.refusals?.(this.#props) ?? []) if (!this.#unresolved.has(key)) this.#error(key, message, null);
    if (validatePlugin === undefined || validatePlugin === null || this.#unresolved.size > 0) return;
    // a connector that is told nonsense would look for a nonsensical system
    if (values.some((value) => value.errorMessages.length > 0)) return;
    try {
      for (const value of await validatePlugin(manifest, this.#props)) {
        values.find(({ name }) => name === value.name)?.errorMessages.push(...value.errorMessages);
        this.#judge(value, manifest.configDef);
      }
    } catch (error) {
      this.#error(null, `${manifest.className} cannot validate its configuration: ${(error as Error).message}`, null);
    }
  }

  #sinkRules(): void {
    if (['topics', 'topics.regex', 'errors.deadletterqueue.topic.name'].some((key) => this.#unresolved.has(key))) return;
    try {
      for (const { key, message } of sinkCrossFieldErrors(this.#props)) {
        this.#values.find((value) => value.name === key)?.errorMessages.push(message);
        this.#error(key, message, null);
      }
    } catch (error) {
      // the same expression is reported under topics.regex already
      if (!(error instanceof PatternSyntaxException)) throw error;
    }
  }

  /** Connect notices an unknown predicate only when it builds the chain; the user wants to know now. */
  #predicates(): void {
    const listed = (key: string) =>
      (this.#props[key] ?? '')
        .split(',')
        .map((alias) => alias.trim())
        .filter((alias) => alias !== '');
    const predicates = listed('predicates');
    for (const alias of listed('transforms')) {
      const key = `transforms.${alias}.predicate`;
      const predicate = this.#props[key]?.trim();
      if (predicate === undefined || predicates.includes(predicate) || this.#unresolved.has(key)) continue;
      const remedy =
        didYouMean(nearestNames(predicate, predicates)) ??
        (predicates.length === 0 ? 'list it in predicates' : `listed: ${predicates.join(', ')}`);
      this.#error(key, `no predicate is named ${JSON.stringify(predicate)}`, remedy);
    }
  }

  #converters(): Map<string, ConfigDef | null> {
    const { resolver, worker } = this.#request;
    const defs = new Map<string, ConfigDef | null>();
    for (const role of ROLES) {
      const key = `${role}.converter`;
      const { className, settings, from } = converterConfig(role, this.#props, worker);
      // a converter that neither names is the worker's mistake: it must have one of each
      if (className === null) continue;
      const manifest = resolver.find(role === 'header' ? 'header-converter' : 'converter', className);
      if (from === 'worker') continue;
      defs.set(role, manifest?.configDef ?? null);
      if (manifest === null) continue;
      const withType = { 'converter.type': role, ...settings };
      for (const value of manifest.configDef.validate(withType)) {
        const name = `${key}.${value.name}`;
        const shown = { ...value, name };
        const definition = manifest.configDef.keys.get(value.name);
        if (definition !== undefined) this.#keys.set(name, { ...definition, name });
        this.#values.push(shown);
        this.#judge(shown, null);
        if (this.#secrets.secretKeys?.has(name)) this.#showPlaceholder(shown, definition?.type);
      }
      for (const refusal of manifest.refusals?.(withType) ?? []) {
        const name = `${key}.${refusal.key}`;
        if (!this.#unresolved.has(name)) this.#error(name, refusal.message, null);
      }
      for (const group of manifest.configDef.groups) if (!this.#groups.includes(group)) this.#groups.push(group);
    }
    return defs;
  }

  #lambdaRules(manifest: ConnectorManifest | null): void {
    const trigger = this.#props['lambda.trigger']?.trim();
    if (manifest === null || trigger === undefined) return;
    if ((trigger === 'event' || trigger === 'schedule') && !manifest.triggers.includes(trigger)) {
      this.#error('lambda.trigger', `${manifest.className} cannot be started by ${trigger}`, `allowed: ${manifest.triggers.join(', ')}`);
    } else if (trigger === 'event' && manifest.kind === 'sink' && manifest.holdsRecords) {
      this.#error(
        'lambda.trigger',
        'the connector holds records back, and an event that was answered never comes again',
        'allowed: schedule',
      );
    } else if (trigger === 'event' && manifest.kind === 'sink' && (this.#props['topics.regex'] ?? '').trim() !== '') {
      this.#error(
        'lambda.trigger',
        'topics.regex cannot be used with an event trigger: an event source mapping names its topic',
        'use topics, or lambda.trigger=schedule',
      );
    }
  }

  #take(def: ConfigDef, values: readonly ConfigValue[]): void {
    for (const [name, key] of def.keys) this.#keys.set(name, key);
    for (const group of def.groups) if (!this.#groups.includes(group)) this.#groups.push(group);
    for (const value of values) {
      this.#values.push(value);
      this.#judge(value, def);
      if (this.#secrets.secretKeys?.has(value.name)) this.#showPlaceholder(value, def.keys.get(value.name)?.type);
    }
  }

  /** What came out of a provider is not shown: the answer holds the variable, and a mistake without the value (Connect 4.2). */
  #showPlaceholder(value: ConfigValue, type: ConfigType | undefined): void {
    const written = this.#request.config[value.name] as string;
    value.value = type === 'LIST' ? [written] : written;
    value.recommendedValues = [];
    if (value.errorMessages.length === 0) return;
    value.errorMessages.splice(
      0,
      value.errorMessages.length,
      `Invalid value ${written} for configuration ${value.name}: the replaced value is not valid`,
    );
  }

  /** The mistakes of one value; for a class that is not there, the nearest names. */
  #judge(value: ConfigValue, def: ConfigDef | null): void {
    if (this.#unresolved.has(value.name)) return;
    const given = this.#props[value.name];
    // what cannot be parsed is judged as null too; that second message says nothing to a user
    const messages = value.errorMessages.length > 1 ? value.errorMessages.slice(0, 1) : value.errorMessages;
    for (const message of messages) {
      if (this.#problems.some((problem) => problem.key === value.name && problem.message === message)) continue;
      this.#error(value.name, withoutSecret(message, value.name, given, this.#secrets), this.#remedy(value, def, given));
    }
  }

  #remedy(value: ConfigValue, def: ConfigDef | null, given: string | undefined): string | null {
    const key = def?.keys.get(value.name);
    if (key === undefined) return null;
    if (key.type === 'CLASS' && given !== undefined) {
      const converter = CONVERTER.exec(value.name)?.[1];
      if (converter === undefined) return didYouMean(nearestNames(given.trim(), value.recommendedValues.map(String)));
      // A vendor's converter is not recommended, but may well be meant.
      return didYouMean(this.#request.resolver.nearest(converter === 'header' ? 'header-converter' : 'converter', given.trim()));
    }
    if (given === undefined) {
      const misspelt = nearestNames(
        value.name,
        Object.keys(this.#props).filter((name) => !this.#keys.has(name) && !def?.keys.has(name)),
        1,
      );
      return misspelt.length > 0 ? `did you mean it by ${misspelt[0]}?` : key.doc;
    }
    return null;
  }

  #error(key: string | null, message: string, remedy: string | null): void {
    this.#add('error', key, message, remedy);
  }

  #add(severity: ConfigProblem['severity'], key: string | null, message: string, remedy: string | null): void {
    const given = key === null ? undefined : this.#props[key];
    const value = key === null || given === undefined ? null : redactedValue(key, given, this.#secrets);
    this.#problems.push({ severity, where: this.#request.where, key, value, message, remedy });
  }
}
