import type { DeploymentPolicy } from '../config/deployment-policy.ts';
import { redactedValue } from '../config/redaction.ts';
import { variablesIn } from '../config/variables.ts';
import type { ConnectorProps } from '../core/connector.ts';
import { RestException } from './rest-exception.ts';

/** Fixed whatever the connector: the plug-ins in the bundle, how the function is started, and other ways to reach Kafka than the pipeline's. */
const ALWAYS_FIXED =
  /^(?:connector\.(?:class|plugin\.version)|(?:key|value|header)\.converter(?:\.plugin\.version)?|transforms|predicates|transforms\.[^.]+\.(?:type|predicate)|predicates\.[^.]+\.type|lambda\..+|(?:producer|consumer|admin)\.override\.(?:bootstrap\.servers|security\.protocol|sasl\..+|ssl\..+))$/;

/** Throws RestException (409) where connectors come from a file only. */
export function refuseCreation(policy: DeploymentPolicy | null, name: string): void {
  if (policy === null) return;
  throw new RestException(
    409,
    `connector ${name} cannot be created by REST: this API belongs to a deployment; add it to ${policy.file} and deploy again`,
  );
}

/** Throws RestException (409): what a deployment made, it removes. */
export function refuseDeletion(policy: DeploymentPolicy | null, name: string): void {
  if (policy === null) return;
  throw new RestException(
    409,
    `connector ${name} cannot be deleted by REST: its function and permissions would stay; remove it from ${policy.file} and deploy again, or stop it`,
  );
}

/** Throws RestException (409), naming every key that cannot be changed and the file to change. `before` null = the connector is not there. */
export function refuseChange(
  policy: DeploymentPolicy | null,
  name: string,
  before: ConnectorProps | null,
  after: Readonly<Record<string, string | null>>,
): void {
  if (policy === null) return;
  if (before === null) refuseCreation(policy, name);
  const deployed = before ?? {};
  const fixed = changedKeys(deployed, after).filter((key) => isFixed(policy, name, key, deployed[key], after[key] ?? undefined));
  if (fixed.length === 0) return;
  const changes = fixed.map((key) => `${key} (deployed: ${shown(key, deployed[key])}, given: ${shown(key, after[key] ?? undefined)})`);
  throw new RestException(
    409,
    `the deployment of connector ${name} fixes ${changes.join(', ')}; nothing was changed. Change ${fixed.length === 1 ? 'it' : 'them'} in ${policy.file} and deploy again`,
  );
}

/** Keys whose value differs; a key without a value counts like one that is not there. */
function changedKeys(before: ConnectorProps, after: Readonly<Record<string, string | null>>): string[] {
  return Object.keys({ ...before, ...after })
    .filter((key) => (before[key] ?? null) !== (after[key] ?? null))
    .sort();
}

function isFixed(
  { connectors }: DeploymentPolicy,
  name: string,
  key: string,
  before: string | undefined,
  after: string | undefined,
): boolean {
  if (ALWAYS_FIXED.test(key)) return true;
  if (Object.hasOwn(connectors, name) && connectors[name]?.fixedKeys.includes(key) === true) return true;
  // The right to read a secret was given for the very references of the file.
  return [before, after].some((value) => value !== undefined && variablesIn(value).length > 0);
}

function shown(key: string, value: string | undefined): string {
  return value === undefined ? 'nothing' : redactedValue(key, value);
}
