import { toValidateEntry, type ValidateEntry } from '../core/config/validate-entry.ts';
import type { ConnectorValidation } from './validate-connector.ts';

/** What `PUT /connector-plugins/{plugin}/config/validate` answers. */
export interface ConfigInfos {
  /** `connector.class` as given. */
  readonly name: string;
  /** Messages, not keys. */
  readonly error_count: number;
  readonly groups: readonly string[];
  readonly configs: readonly ValidateEntry[];
}

/** Keys that Connect does not show here, though it judges them when the connector starts. */
const GROUP_OF_TOPICS = /^topic\.creation\.(?!groups$)/;

/** A validation in the form of Connect's REST API: framework keys in order, then the connector's own. */
export function toConfigInfos(name: string, { values, keys, groups }: ConnectorValidation): ConfigInfos {
  const shown = values.filter((value) => !GROUP_OF_TOPICS.test(value.name));
  const configs = shown.flatMap((value) => {
    const key = keys.get(value.name);
    return key === undefined ? [] : [toValidateEntry(key, value)];
  });
  return {
    name,
    error_count: shown.reduce((count, value) => count + value.errorMessages.length, 0),
    groups: groups.filter((group) => !group.startsWith('Topic Creation: ')),
    configs,
  };
}
