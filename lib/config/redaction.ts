import type { ConfigDef } from '../core/config/config-def.ts';

const HIDDEN = '[hidden]';

/** Names under which secrets travel where no definition says so. */
const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token|credential|private[._-]?key|api[._-]?key|access[._-]?key(?![._-]?id)|sasl\.jaas\.config|basic\.auth\.user\.info/i;
/** Secrets inside a connection URL: `password=…` parameters and `user:password@`. */
const URL_PARAMETER = /((?:password|pwd|secret|token|sslpassword)=)[^&;\s]*/gi;
const URL_USER = /(:\/\/[^/:@\s]+:)[^@/\s]+@/g;

/** What makes a key's value a secret beside its name. */
export interface SecretKnowledge {
  /** Definitions whose PASSWORD keys are secrets. */
  readonly defs?: readonly ConfigDef[];
  /** Keys in whose value a variable was replaced. */
  readonly secretKeys?: ReadonlySet<string>;
}

/** Is what stands under this key a secret? */
export function isSecretKey(key: string, { defs = [], secretKeys }: SecretKnowledge = {}): boolean {
  return SECRET_NAME.test(key) || secretKeys?.has(key) === true || defs.some((def) => def.keys.get(key)?.type === 'PASSWORD');
}

/** A value that can be shown: secrets are `[hidden]`, in URLs only the secret part. */
export function redactedValue(key: string, value: string, knowledge?: SecretKnowledge): string {
  if (isSecretKey(key, knowledge)) return HIDDEN;
  return value.replace(URL_PARAMETER, `$1${HIDDEN}`).replace(URL_USER, `$1${HIDDEN}@`);
}

/** A configuration that can be shown. */
export function redacted(props: Readonly<Record<string, string>>, knowledge?: SecretKnowledge): Record<string, string> {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, redactedValue(key, value, knowledge)]));
}

/** A message without a value that must not be shown. */
export function withoutSecret(message: string, key: string, value: string | undefined, knowledge?: SecretKnowledge): string {
  if (value === undefined || value.trim() === '') return message;
  const shown = redactedValue(key, value, knowledge);
  return shown === value ? message : message.replaceAll(value, shown).replaceAll(value.trim(), shown);
}
