import { nearestNames } from '../core/config/did-you-mean.ts';
import { ConnectException } from '../core/errors.ts';
import type { ConnectorManifest, PluginManifest } from '../core/manifest.ts';
import { derivedNames } from './plugin-names.ts';
import type { PluginKind, PluginRegistry } from './plugin-registry.ts';

/** Interfaces and base classes of Connect that users name by mistake: they exist, but cannot be created. */
const ABSTRACT_CLASSES = new Set([
  'org.apache.kafka.connect.storage.Converter',
  'org.apache.kafka.connect.storage.HeaderConverter',
  'org.apache.kafka.connect.transforms.Transformation',
  'org.apache.kafka.connect.transforms.predicates.Predicate',
]);

/** Finds plug-ins by any name a configuration may use. Knows manifests only; nothing here loads code. */
export interface PluginResolver {
  readonly manifests: readonly PluginManifest[];
  /**
   * The connector of this class name, simple name or simple name without `Connector`. Throws ConnectException with Connect's
   * "Failed to find any class that implements Connector …" and the nearest names.
   */
  connector(name: string): ConnectorManifest;
  /** The plug-in of this kind and name; null = there is none. */
  find(kind: Exclude<PluginKind, 'source' | 'sink'>, name: string): PluginManifest | null;
  /** The plug-in of this class name whatever its kind; null = there is none. */
  anyKind(name: string): PluginManifest | null;
  /** What Connect says of a class that exists but cannot be created; null = this is not one. */
  abstractClass(name: string): string | null;
  /** Names of this kind (`connector` = source and sink) that look like this one, best first. */
  nearest(kind: PluginKind | 'connector', name: string): string[];
}

/** Makes a resolver of a registry (the generated one, or the one of a bundle) and of a user's own plug-ins. */
export function createPluginResolver(registry: PluginRegistry, own: readonly PluginManifest[] = []): PluginResolver {
  return new RegistryResolver([...registry.manifests, ...own]);
}

class RegistryResolver implements PluginResolver {
  readonly manifests: readonly PluginManifest[];
  readonly #byKind = new Map<PluginKind | 'connector', NameIndex>();
  readonly #abstract = new Map<string, string[]>();

  constructor(manifests: readonly PluginManifest[]) {
    this.manifests = manifests;
    for (const manifest of manifests) {
      this.#index(manifest.kind).add(manifest);
      if (manifest.kind === 'source' || manifest.kind === 'sink') this.#index('connector').add(manifest);
      const dollar = manifest.className.lastIndexOf('$');
      if (dollar > 0) {
        const outer = manifest.className.slice(0, dollar);
        this.#abstract.set(outer, [...(this.#abstract.get(outer) ?? []), manifest.className]);
      }
    }
  }

  connector(name: string): ConnectorManifest {
    const index = this.#index('connector');
    const found = index.byClass.get(name) ?? index.matching(name);
    if (found instanceof Set && found.size > 1) {
      const classes = [...found].map(describe).join(', ');
      throw new ConnectException(
        `More than one connector matches alias ${name}. Please use full package and class name instead. Classes found: ${classes}`,
        { code: 'ambiguous-class' },
      );
    }
    const manifest = found instanceof Set ? [...found][0] : found;
    if (manifest === undefined) {
      const available = [...new Set(index.byClass.values())].map(describe).join(', ');
      const near = index.nearest(name);
      throw new ConnectException(
        `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${available}${near.length === 0 ? '' : `. Did you mean ${near.join(', ')}?`}`,
        { code: 'unknown-class' },
      );
    }
    return manifest as ConnectorManifest;
  }

  find(kind: Exclude<PluginKind, 'source' | 'sink'>, name: string): PluginManifest | null {
    return this.#index(kind).find(name);
  }

  anyKind(name: string): PluginManifest | null {
    for (const index of this.#byKind.values()) {
      const found = index.byClass.get(name);
      if (found !== undefined) return found;
    }
    return null;
  }

  abstractClass(name: string): string | null {
    if (ABSTRACT_CLASSES.has(name)) return 'This class is abstract and cannot be created.';
    const inner = this.#abstract.get(name);
    return inner === undefined ? null : `This class is abstract and cannot be created. Did you mean ${inner.sort().join(', ')}?`;
  }

  nearest(kind: PluginKind | 'connector', name: string): string[] {
    return this.#index(kind).nearest(name);
  }

  #index(kind: PluginKind | 'connector'): NameIndex {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const index = new NameIndex();
    this.#byKind.set(kind, index);
    return index;
  }
}

/** The plug-ins of one kind by name: class names and declared aliases are unique, derived short names may not be. */
class NameIndex {
  readonly byClass = new Map<string, PluginManifest>();
  readonly #derived = new Map<string, Set<PluginManifest>>();

  add(manifest: PluginManifest): void {
    this.byClass.set(manifest.className, manifest);
    for (const alias of manifest.aliases) if (!this.byClass.has(alias)) this.byClass.set(alias, manifest);
    for (const className of [manifest.className, ...manifest.aliases]) {
      for (const short of derivedNames(manifest.kind, className)) {
        this.#derived.set(short, (this.#derived.get(short) ?? new Set()).add(manifest));
      }
    }
  }

  find(name: string): PluginManifest | null {
    const found = this.byClass.get(name);
    if (found !== undefined) return found;
    const matching = this.matching(name);
    return matching?.size === 1 ? ([...matching][0] ?? null) : null;
  }

  matching(name: string): Set<PluginManifest> | undefined {
    return this.#derived.get(name);
  }

  nearest(name: string): string[] {
    const shorts = [...this.#derived].filter(([, sharing]) => sharing.size === 1).map(([short]) => short);
    return nearestNames(name, [...this.byClass.keys(), ...shorts]);
  }
}

/** A plug-in as Connect's messages list it. */
function describe(manifest: PluginManifest): string {
  return `PluginDesc{name='${manifest.className}', type=${manifest.kind}, typeName='${manifest.kind}', version='${manifest.version ?? 'undefined'}'}`;
}
