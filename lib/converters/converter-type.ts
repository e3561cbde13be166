import { ConfigDef, type ConfigKeyInit } from '../core/config/config-def.ts';
import { ValidString } from '../core/config/validators.ts';

/** `converter.type`: every converter of Connect defines it; the runtime sets it, users never do. */
const CONVERTER_TYPE: ConfigKeyInit = {
  name: 'converter.type',
  type: 'STRING',
  validator: ValidString.in('key', 'value', 'header'),
  importance: 'LOW',
  doc: 'What the converter is used for. Set by the runtime, not by configuration.',
};

/** A ConfigDef with the keys all converters have. */
export function converterConfigDef(): ConfigDef {
  return new ConfigDef().define(CONVERTER_TYPE);
}

/** A converter's configuration with `converter.type` for a key or a value. */
export function withConverterType(config: Readonly<Record<string, string>>, isKey: boolean): Record<string, string> {
  return { ...config, 'converter.type': isKey ? 'key' : 'value' };
}
