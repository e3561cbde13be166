import type { PluginManifest } from '../core/manifest.ts';

/** The release of Apache Kafka whose plug-ins ours are equal to; tools read it where Connect shows versions. */
const APACHE_KAFKA = '4.3.0';

/** What a plug-in answers for its version: Apache's for Apache's own, else its own; null = it has none. */
export function pluginVersion({ className, version }: PluginManifest): string | null {
  return className.startsWith('org.apache.kafka.') ? APACHE_KAFKA : (version ?? null);
}
