import type { Validator } from '../core/config/config-def.ts';
import { ConfigException } from '../core/errors.ts';
import type { PluginManifest } from '../core/manifest.ts';
import { parseVersionRange, VersionRangeError } from './version-range.ts';

/** What Kafka's own plug-ins are here: those of this release. */
const KAFKA_VERSION = '4.3.0';

/** A plug-in that cannot be had in the version that is asked for. */
class VersionedPluginLoadingException extends ConfigException {
  constructor(message: string) {
    super(message, { code: 'plugin-version' }, 'org.apache.kafka.connect.runtime.isolation.VersionedPluginLoadingException');
  }
}

/** `….plugin.version` keys (KIP-891): `latest`, a version, or a range in Maven's notation (`[1.0,2.0)`). Only the form is judged. */
export const PluginVersion: Validator = {
  ensureValid(_name, value) {
    if (value !== null) rangeOf(value as string);
  },
  describe: () => '',
};

/** The same for a plug-in that is known: throws also where its version is not in the range. */
export function versionOf(manifest: PluginManifest): Validator {
  return {
    ensureValid(_name, value) {
      checkPluginVersion(manifest, value as string | null);
    },
    describe: () => '',
  };
}

/** Throws VersionedPluginLoadingException, as Connect does when it loads a plug-in, for a malformed range and for one without this version. */
export function checkPluginVersion(manifest: PluginManifest, spec: string | null): void {
  const range = spec === null ? null : rangeOf(spec);
  const version = manifest.version ?? (manifest.className.startsWith('org.apache.kafka.') ? KAFKA_VERSION : null);
  if (range === null || version === null || range.includes(version)) return;
  throw new VersionedPluginLoadingException(
    `Plugin ${manifest.className} not found that matches the version range ${range.text}, available versions: [${version}]`,
  );
}

/** Null = the latest, which is the one there is. */
function rangeOf(spec: string): ReturnType<typeof parseVersionRange> | null {
  if (spec === 'latest') return null;
  try {
    return parseVersionRange(spec);
  } catch (error) {
    throw error instanceof VersionRangeError ? new VersionedPluginLoadingException(error.message) : error;
  }
}
