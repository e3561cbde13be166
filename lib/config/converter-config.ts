import type { ConnectorProps } from '../core/connector.ts';

export type ConverterRole = 'key' | 'value' | 'header';

/** Which converter to use and what to configure it with. */
export interface ConverterConfig {
  /** As written; null = neither the connector nor the worker names one. */
  readonly className: string | null;
  /** Without the prefix. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whose keys these are: settings of the other one are not inherited. */
  readonly from: 'connector' | 'worker';
}

const DEFAULT_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter';

/**
 * Connect's rule: a connector that names a converter configures it alone; one that does not has the worker's converter with the worker's settings,
 * and its own `<role>.converter.*` keys are ignored.
 */
export function converterConfig(role: ConverterRole, connector: ConnectorProps, worker: ConnectorProps): ConverterConfig {
  const key = `${role}.converter`;
  const from = Object.hasOwn(connector, key) ? 'connector' : 'worker';
  const props = from === 'connector' ? connector : worker;
  const settings = Object.entries(props)
    .filter(([name]) => name.startsWith(`${key}.`))
    .map(([name, value]): [string, string] => [name.slice(key.length + 1), value]);
  const className = props[key]?.trim() ?? (role === 'header' ? DEFAULT_HEADER_CONVERTER : null);
  if (role === 'header') settings.push(['converter.type', 'header']);
  return { className, settings: Object.fromEntries(settings), from };
}
