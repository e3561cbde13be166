import type { ConnectorProps } from '../core/connector.ts';

const CLIENTS = ['producer', 'consumer', 'admin'] as const;
const PRINCIPAL_KEYS: readonly string[] = ['security.protocol', 'sasl.jaas.config', 'sasl.mechanism'];

/** An override that the worker does not allow. */
export interface ForbiddenOverride {
  /** e.g. `producer.override.acks`. */
  readonly key: string;
  readonly value: string;
  readonly message: string;
}

/** Overrides of client settings that `connector.client.config.override.policy` of the worker forbids (KIP-458), with Connect's message. */
export function forbiddenOverrides(connector: ConnectorProps, worker: ConnectorProps): ForbiddenOverride[] {
  const policy = policyName(worker['connector.client.config.override.policy'] ?? 'All');
  const allowed = allowedKeys(policy, worker);
  if (allowed === null) return [];
  const forbidden: ForbiddenOverride[] = [];
  for (const [key, value] of Object.entries(connector)) {
    const prefix = CLIENTS.map((client) => `${client}.override.`).find((each) => key.startsWith(each));
    if (prefix === undefined || allowed.includes(key.slice(prefix.length))) continue;
    const message = `The '${policy}' policy does not allow '${key.slice(prefix.length)}' to be overridden in the connector configuration.`;
    forbidden.push({ key, value, message });
  }
  return forbidden;
}

/** null = everything. */
function allowedKeys(policy: string, worker: ConnectorProps): readonly string[] | null {
  if (policy === 'None') return [];
  if (policy === 'Principal') return PRINCIPAL_KEYS;
  if (policy !== 'Allowlist') return null;
  return (worker['connector.client.config.override.allowlist'] ?? '').split(',').map((key) => key.trim());
}

/** The short name of a policy given by short name or class. */
function policyName(configured: string): string {
  const simple = configured.trim().slice(configured.trim().lastIndexOf('.') + 1);
  return simple.replace(/ConnectorClientConfigOverridePolicy$/, '');
}
