/** The order in which Java's HashSet goes through these texts, added one by one: it shows wherever Connect prints a set. */
export function hashSetOrder(texts: Iterable<string>): string[] {
  const distinct = [...new Set(texts)];
  let buckets = 16;
  while (distinct.length > buckets * 0.75) buckets *= 2;
  const bucketOf = (text: string) => {
    const hash = hashCode(text);
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  };
  // Array.prototype.sort is stable, as the order within a bucket is that of adding.
  return distinct.sort((a, b) => bucketOf(a) - bucketOf(b));
}

/** `String.hashCode`. */
function hashCode(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
