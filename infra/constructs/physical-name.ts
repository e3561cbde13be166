import { createHash } from 'node:crypto';

/**
 * A name that AWS accepts, made of a stack's and a connector's: the names themselves where they fit, else shortened with eight digits of
 * their hash. Names are fixed, not generated, so that a role can name its own function without a cycle between the two.
 */
export function physicalName(parts: readonly string[], maxLength = 64): string {
  const wanted = parts.join('-');
  const plain = wanted.replace(/[^A-Za-z0-9_-]+/g, '-');
  if (plain === wanted && plain.length <= maxLength) return plain;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `${plain.slice(0, maxLength - 9)}-${hash}`;
}

/** An id inside the template: letters and digits only, unique for the name. */
export function logicalPart(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]+/g, '');
  return plain === name ? plain : `${plain}${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}
