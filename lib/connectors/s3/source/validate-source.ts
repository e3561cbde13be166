import type { ConfigValidation, ConnectorProps } from '../../../core/connector.ts';
import { sourceConfigDef } from '../source-config.ts';
import { EMPTY_REGEXES } from './source-settings.ts';

/** Every key with its mistakes, and the rules between keys. */
export function validateSource(props: ConnectorProps): ConfigValidation {
  const values = sourceConfigDef.validate(props);
  const add = (message: string, ...names: readonly string[]) => {
    for (const value of values) if (names.includes(value.name)) value.errorMessages.push(message);
  };
  if (/^generic$/i.test(props.mode ?? '') && (props['topic.regex.list'] ?? '').trim() === '') add(EMPTY_REGEXES, 'topic.regex.list');
  if (props['s3.wan.mode'] === 'true' && props['s3.path.style.access.enabled'] !== 'false') {
    add(
      'Both accelerate mode and path style access are being enabled. These options are mutually exclusive and cannot be enabled together. Please disable one of them',
      's3.wan.mode',
      's3.path.style.access.enabled',
    );
  }
  return { values };
}
