/** A live worker and the tasks whose leases it holds, by {@link taskId}. */
export interface AssignedMember {
  readonly id: string;
  readonly tasks: readonly string[];
}

/** How heartbeats name a task. The number stands behind the last hyphen, so that any connector name can stand before it. */
export function taskId(connector: string, task: number): string {
  return `${connector}-${task}`;
}

/**
 * Which worker is to run which tasks: everybody keeps what it holds up to its share, what is left over goes to those with the least. A pure
 * function of what all workers see, so that all come to the same answer without asking each other; where their views differ for a moment,
 * leases decide.
 */
export function assignTasks(tasks: readonly string[], members: readonly AssignedMember[]): Map<string, Set<string>> {
  const assigned = new Map<string, Set<string>>();
  if (members.length === 0) return assigned;
  const open = new Set([...tasks].sort());
  const held = [...members]
    .sort((a, b) => compare(a.id, b.id))
    .map(({ id, tasks: own }) => {
      // Of two that say they hold a task the first is believed; the other loses its lease, or gives it up.
      const kept = [...new Set(own)].sort().filter((task) => open.delete(task));
      return { id, kept };
    });
  const share = Math.floor(tasks.length / members.length);
  let extra = tasks.length % members.length;
  // Who holds most gets the odd ones: the fewest tasks move.
  for (const { id, kept } of [...held].sort((a, b) => b.kept.length - a.kept.length || compare(a.id, b.id))) {
    const quota = kept.length > share && extra > 0 ? share + 1 : share;
    if (quota > share) extra--;
    for (const task of kept.splice(quota)) open.add(task);
    assigned.set(id, new Set(kept));
  }
  for (const task of [...open].sort()) {
    let least: Set<string> | null = null;
    for (const { id } of held) {
      const own = assigned.get(id) as Set<string>;
      if (least === null || own.size < least.size) least = own;
    }
    least?.add(task);
  }
  return assigned;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
