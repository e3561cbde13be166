import type { PluginManifest } from '../core/manifest.ts';

/** Suffix that a short name may leave out, per kind. */
const SUFFIX: Readonly<Record<PluginManifest['kind'], string>> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  'header-converter': 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
};

/** Java's simple name of a class: what follows the package, and for an inner class what follows the dollar. */
function simpleName(className: string): string {
  return className.slice(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
}

/**
 * Short names that Connect derives from a class name: the simple name, and the same without the kind's suffix (`FileStreamSource` for
 * `FileStreamSourceConnector`). A short name that two classes share is none.
 */
export function derivedNames(kind: PluginManifest['kind'], className: string): string[] {
  const simple = simpleName(className);
  const suffix = SUFFIX[kind];
  return simple.endsWith(suffix) && simple.length > suffix.length ? [simple, simple.slice(0, -suffix.length)] : [simple];
}

/** True for `./my-source.ts#MySource` or `some-package#MySink`: code of the user's own. */
export function isModuleSpecifier(name: string): boolean {
  return /^[^#\s]+#[A-Za-z_$][\w$]*$/.test(name);
}
