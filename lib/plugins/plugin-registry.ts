import type { PluginManifest } from '../core/manifest.ts';

export type PluginKind = PluginManifest['kind'];

/**
 * The plug-ins somebody can use: manifests only, the code stays where it is until {@link PluginManifest.load}. The full one is generated
 * (`registry.generated.ts`); a bundle makes its own with what its configuration names.
 */
export interface PluginRegistry {
  readonly manifests: readonly PluginManifest[];
}
