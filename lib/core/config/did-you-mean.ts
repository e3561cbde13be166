/** A name is near when at most this share of its letters has to change. */
const NEAR_SHARE = 0.4;

/**
 * The names that look most like `name`, nearest first, at most `limit`; none when nothing is near. Class names are compared by their simple
 * name too, so that a wrong package is still found.
 */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const distance = Math.min(shareToChange(name, candidate), shareToChange(simpleName(name), simpleName(candidate)));
    if (distance <= NEAR_SHARE) found.push({ candidate, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

function simpleName(name: string): string {
  return /^[a-z]\w*\.\w.*\.[A-Z]/.test(name) ? name.slice(name.lastIndexOf('.') + 1) : name;
}

function shareToChange(a: string, b: string): number {
  return editDistance(a.toLowerCase(), b.toLowerCase()) / Math.max(a.length, b.length, 1);
}

/** Levenshtein's distance where two neighbouring letters that changed places count once. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((previous[j] as number) + 1, (current[j - 1] as number) + 1, (previous[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforePrevious[j - 2] as number) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] as number;
}
