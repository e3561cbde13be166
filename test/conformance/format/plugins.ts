import { existsSync } from 'node:fs';
import type { PluginManifest } from '../../../lib/core/manifest.ts';
import { createPluginResolver, type PluginResolver } from '../../../lib/plugins/plugin-resolver.ts';

const LISTS = ['transforms', 'predicates', 'converters'].map((folder) => new URL(`../../../lib/${folder}/manifests.ts`, import.meta.url));

/** A resolver of the plug-ins that Kafka itself brings. */
export async function kafkaPlugins(): Promise<PluginResolver> {
  const manifests: PluginManifest[] = [];
  for (const list of LISTS.filter((url) => existsSync(url))) {
    const exported = Object.values((await import(list.href)) as Record<string, unknown>);
    manifests.push(...exported.filter(Array.isArray).flat());
  }
  return createPluginResolver({ manifests });
}
