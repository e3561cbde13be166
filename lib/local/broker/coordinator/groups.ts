import type { Timers } from '../timers.ts';
import { Group } from './group.ts';

/** The groups that have or had members since the broker started; committed offsets outlive them. */
export class Groups {
  readonly #timers: Timers;
  readonly #groups = new Map<string, Group>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  ids(): string[] {
    return [...this.#groups.keys()];
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  getOrCreate(groupId: string): Group {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new Group(this.#timers);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  delete(groupId: string): void {
    this.#groups.get(groupId)?.close();
    this.#groups.delete(groupId);
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
  }
}
