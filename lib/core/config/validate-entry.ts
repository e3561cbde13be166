import type { ConfigKey, ConfigType, ConfigValue } from './config-def.ts';
import { configToString } from './config-text.ts';

/** One key as the REST API answers it (`ConfigInfo`): what it is, and what its value is worth. All values are texts, secrets hidden. */
export interface ValidateEntry {
  readonly definition: {
    readonly name: string;
    readonly type: ConfigType;
    readonly required: boolean;
    readonly default_value: string | null;
    readonly importance: string;
    readonly documentation: string;
    readonly group: string | null;
    readonly order_in_group: number;
    readonly width: string;
    readonly display_name: string;
    readonly dependents: readonly string[];
  };
  readonly value: {
    readonly name: string;
    readonly value: string | null;
    readonly recommended_values: readonly (string | null)[];
    readonly errors: readonly string[];
    readonly visible: boolean;
  };
}

export function toDefinition(key: ConfigKey): ValidateEntry['definition'] {
  return {
    name: key.name,
    type: key.type,
    required: key.required,
    default_value: key.required ? null : configToString(key.defaultValue, key.type),
    importance: key.importance,
    documentation: key.doc,
    group: key.group,
    order_in_group: key.orderInGroup,
    width: key.width,
    display_name: key.displayName,
    dependents: key.dependents,
  };
}

export function toValidateEntry(key: ConfigKey, value: ConfigValue): ValidateEntry {
  const elementType = key.type === 'LIST' ? 'STRING' : key.type;
  return {
    definition: toDefinition(key),
    value: {
      name: value.name,
      value: configToString(value.value, key.type),
      recommended_values: value.recommendedValues.map((recommended) => configToString(recommended, elementType)),
      errors: value.errorMessages,
      visible: value.visible,
    },
  };
}
