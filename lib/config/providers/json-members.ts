import { ConfigException } from '../../core/errors.ts';

/**
 * The members of a stored value that is a JSON object, as texts. `what` names the value in messages, which never hold any of it. Throws ConfigException
 * when it is no such object or lacks a key: a secret that is silently missing would be sent as its own placeholder.
 */
export function jsonMembers(what: string, text: string, keys: ReadonlySet<string>): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // said below; the engine's message would quote the secret
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigException(`${what} holds no JSON object with keys and values; leave the key out to take it whole`, {
      code: 'secret-not-json',
    });
  }
  const members = parsed as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    [...keys].map((key): [string, string] => {
      if (!Object.hasOwn(members, key)) {
        throw new ConfigException(`${what} has no key ${key}; it has: ${Object.keys(members).join(', ')}`, { code: 'secret-without-key' });
      }
      const member = members[key];
      return [key, typeof member === 'string' ? member : JSON.stringify(member)];
    }),
  );
}
