import type { ConfigDef, ConfigValue } from '../../core/config/config-def.ts';
import type { ConfigValidation, ConnectorProps } from '../../core/connector.ts';
import { CONNECTION_URL, connectionSettings } from './connection-config.ts';
import { openClient } from './open-client.ts';

/** The answer of a connector's `validate` while rules between keys add to it. */
export class Findings {
  readonly #values: Map<string, ConfigValue>;

  constructor(def: ConfigDef, props: ConnectorProps) {
    this.#values = new Map(def.validate(props).map((value) => [value.name, value]));
  }

  /** Adds one message to each of these keys. */
  add(message: string, ...names: readonly string[]): void {
    for (const name of names) this.#values.get(name)?.errorMessages.push(message);
  }

  get isClean(): boolean {
    return [...this.#values.values()].every(({ errorMessages }) => errorMessages.length === 0);
  }

  answer(): ConfigValidation {
    return { values: [...this.#values.values()] };
  }
}

/** Opens and closes one connection, once everything else is in order, so that a mistake in it shows before anything runs. */
export async function checkConnection(findings: Findings, def: ConfigDef, props: ConnectorProps): Promise<void> {
  if (!findings.isClean) return;
  try {
    await (await openClient(connectionSettings(def.parse(props), null))).close();
  } catch (error) {
    findings.add(`Could not connect to database. ${(error as Error).message}`, CONNECTION_URL);
  }
}
