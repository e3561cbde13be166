import type { Validator } from '../core/config/config-def.ts';
import { ConfigException } from '../core/errors.ts';

/**
 * `….plugin.version` keys (KIP-891): `latest`, a version, or a range in Maven's notation (`[1.0,2.0)`). Only the form is judged: here each
 * plug-in has one version, that of this package.
 */
export const PluginVersion: Validator = {
  ensureValid(_name, value) {
    if (value === null) return;
    const spec = (value as string).trim();
    if (spec === '' || spec === 'latest') return;
    checkVersionRange(spec);
  },
  describe: () => '',
};

/** Throws what Connect throws when it loads a plug-in by a malformed version: a ConfigException named VersionedPluginLoadingException. */
function checkVersionRange(spec: string): void {
  let rest = spec;
  let sets = 0;
  while (rest.startsWith('[') || rest.startsWith('(')) {
    const end = rest.search(/[)\]]/);
    if (end < 0) refuse(`Unbounded range: ${spec}`);
    const bounds = rest.slice(1, end).trim().split(',');
    if (bounds.length === 1 && !(rest.startsWith('[') && rest[end] === ']')) {
      refuse(`Single version must be surrounded by []: ${rest.slice(0, end + 1)}`);
    }
    if (bounds.length > 1 && bounds[0]?.trim() === bounds[1]?.trim()) {
      refuse(`Range cannot have identical boundaries: ${rest.slice(0, end + 1)}`);
    }
    sets++;
    rest = rest
      .slice(end + 1)
      .trim()
      .replace(/^,\s*/, '');
  }
  if (rest !== '' && sets > 0) refuse(`Only fully-qualified sets allowed in multiple set scenario: ${spec}`);
}

function refuse(message: string): never {
  throw new ConfigException(
    message,
    { code: 'plugin-version' },
    'org.apache.kafka.connect.runtime.isolation.VersionedPluginLoadingException',
  );
}
