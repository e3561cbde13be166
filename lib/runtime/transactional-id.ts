/**
 * `<group>-<connector>-<task>`, as in Connect. Where the group has a dash, two groups and connectors could meet in one name (`a-b` and `c`, `a` and
 * `b-c`): then `.<length of the group>` follows. At the end, so that an ACL for ids that begin with the group still fits.
 */
export function transactionalIdOf(group: string, connector: string, task: number): string {
  const id = `${group}-${connector}-${task}`;
  return group.includes('-') ? `${id}.${group.length}` : id;
}
