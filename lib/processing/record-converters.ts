import type { Converter, HeaderConverter } from '../core/converter.ts';

/** A configured converter with the class name that stands in logs and dead letter headers. */
export interface NamedPlugin<P> {
  readonly plugin: P;
  /** Full Java class name. */
  readonly className: string;
}

/** The three converters of a task, configured. */
export interface RecordConverters {
  readonly key: NamedPlugin<Converter>;
  readonly value: NamedPlugin<Converter>;
  readonly header: NamedPlugin<HeaderConverter>;
}

/** Closes each converter once. */
export async function closeConverters({ key, value, header }: RecordConverters): Promise<void> {
  for (const plugin of new Set([key.plugin, value.plugin, header.plugin])) await plugin.close?.();
}
