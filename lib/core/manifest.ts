import type { ConfigDef } from './config/config-def.ts';

/** A permission a connector needs, as data: what to allow on what, with the configuration key that names the resource. */
export interface PermissionNeed {
  /** e.g. `secretsmanager:GetSecretValue`. */
  readonly actions: readonly string[];
  /** Configuration keys whose values name the resource; the stack resolves them. The first names a bucket or is an ARN, a second is a prefix. */
  readonly resourceFrom: readonly string[];
  /**
   * ARNs of the resources where names alone are configured: `{key}` stands for the key's value, `{key|other|*}` for the first that has one, and
   * `{aws.partition}`, `{aws.region}`, `{aws.account}` for the stack's. `*` alone is a wildcard that AWS forces; `why` then says so.
   */
  readonly resources?: readonly string[];
  /** Granted only where each of these keys has one of these values (case ignored); null = any value but an empty one. Absent = always. */
  readonly onlyWhere?: Readonly<Record<string, readonly string[] | null>>;
  readonly why: string;
}

/**
 * What can be known of a plug-in without loading its code: infra, config and CLI read manifests only. A manifest imports core and its own
 * config.ts, nothing else.
 */
export interface PluginManifest {
  readonly kind: 'source' | 'sink' | 'converter' | 'header-converter' | 'transformation' | 'predicate';
  /** Full class name users write first of all; REST shows this one. */
  readonly className: string;
  /** Further class names accepted for it (vendors' names, our short names). */
  readonly aliases: readonly string[];
  readonly configDef: ConfigDef;
  /** One paragraph for the docs. */
  readonly overview: string;
  readonly version?: string;
  /** Where its code is: path relative to `lib`, e.g. `transforms/cast.ts`. A bundle imports exactly the modules its configuration names. */
  readonly module: string;
  /** Name under which that module exports the class. */
  readonly exportName: string;
  /**
   * Keys that say which system outside is reached (a converter's without its prefix): network access and permissions were made for it, so that only a
   * deployment can change it.
   */
  readonly targets?: readonly string[];
  /** Imports the code and answers the class: `async () => (await import('./cast.ts')).CastValue`. */
  readonly load: () => Promise<PluginClass>;
  /** What it does with AWS; keys are those of the plug-in, without the prefix under which a configuration has them. Absent = nothing. */
  readonly permissions?: readonly PermissionNeed[];
  /**
   * What a configuration asks for that a connector or converter cannot do, known without asking the outside world; validation and synth refuse it. A
   * converter is given its settings without their prefix.
   */
  readonly refusals?: (props: Readonly<Record<string, string>>) => readonly { readonly key: string; readonly message: string }[];
}

/** The class of a plug-in; an instance is made for each use and then configured (or initialized). */
export type PluginClass = new () => unknown;

/** How a connector can be started. */
export type ConnectorTrigger = 'schedule' | 'event';

/** Manifest of a connector. */
export interface ConnectorManifest extends PluginManifest {
  readonly kind: 'source' | 'sink';
  readonly triggers: readonly ConnectorTrigger[];
  /** A sink that may return less from preCommit than it was given: refused behind an event trigger. */
  readonly holdsRecords?: boolean;
  readonly permissions: readonly PermissionNeed[];
  /** Why this connector cannot be deployed as a function; null or absent = it can. */
  readonly notDeployable?: string | null;
  /** Connections that each task holds to the system outside while it runs; absent = none that anybody counts (HTTP, files). */
  readonly connectionsPerTask?: number;
  /** How often the connector looks for changes of its source that change its tasks (a new table), ms; null or absent = it does not. */
  readonly watchMs?: (props: Readonly<Record<string, string>>) => number | null;
  /** npm packages its code loads lazily depending on the configuration; the bundle contains only what the configuration needs. */
  readonly clientModules?: (props: Readonly<Record<string, string>>) => readonly string[];
}
