/**
 * What a deployment would do to connectors that vanish while others appear: it looks like a rename, and a renamed connector begins anew,
 * because offsets and consumer groups belong to the name. null = nothing vanishes, or nothing appears.
 */
export function renameProblem(before: readonly string[], after: readonly string[]): string | null {
  const gone = before.filter((name) => !after.includes(name));
  const added = after.filter((name) => !before.includes(name));
  if (gone.length === 0 || added.length === 0) return null;
  return (
    `${gone.join(', ')} would leave the pipeline while ${added.join(', ')} would enter it: a connector that was renamed begins anew, ` +
    'its offsets stay with the old name; deploy with --context renames=confirmed if that is meant, or remove and add in two deployments'
  );
}
