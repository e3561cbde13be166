/** A regular expression of Java after parsing. Sources of `set` and `assertion` are JavaScript's, for the flag `v`. */
export type RegexNode =
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'alternation'; readonly options: readonly RegexNode[] }
  | { readonly kind: 'set'; readonly source: string }
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'group'; readonly index: number | null; readonly body: RegexNode }
  | { readonly kind: 'atomic'; readonly body: RegexNode }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: RegexNode }
  | { readonly kind: 'quantifier'; readonly body: RegexNode; readonly min: number; readonly max: number; readonly lazy: boolean }
  | { readonly kind: 'reference'; readonly group: number };

/** A parsed pattern: the tree, how many capturing groups it has, and the numbers of the named ones. */
export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groupCount: number;
  readonly names: ReadonlyMap<string, number>;
}

/** Whether a node may match the empty text; true when in doubt. */
export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'assertion':
    case 'look':
    case 'reference':
      return true;
    case 'sequence':
      return node.items.every(isNullable);
    case 'alternation':
      return node.options.some(isNullable);
    case 'group':
    case 'atomic':
      return isNullable(node.body);
    case 'quantifier':
      return node.min === 0 || isNullable(node.body);
  }
}

/** The longest text (in code points) a node may match; Infinity = no limit. Java's lookbehind needs a limit. */
export function maxLength(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'assertion':
    case 'look':
      return 0;
    case 'reference':
      return Number.POSITIVE_INFINITY;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + maxLength(item), 0);
    case 'alternation':
      return Math.max(...node.options.map(maxLength));
    case 'group':
    case 'atomic':
      return maxLength(node.body);
    case 'quantifier':
      return node.max === 0 ? 0 : maxLength(node.body) * node.max || 0;
  }
}

/** Where a captured group or a search in JavaScript may differ from Java's. */
export interface RegexDifferences {
  /** Groups whose captured text may differ: JavaScript forgets a capture at each iteration of a loop, Java keeps it. */
  readonly unstableGroups: ReadonlySet<number>;
  /** False when a search may stop elsewhere: JavaScript refuses an empty iteration, Java takes it and goes on behind the loop. */
  readonly searchIsExact: boolean;
  /** False when, because of the same, even a match of the whole text may differ. */
  readonly matchIsExact: boolean;
}

interface Surroundings {
  /** Behind a choice that may be taken back. */
  readonly choice: boolean;
  /** Inside of an atomic group, a lookahead or a lookbehind: what was decided there stays decided. */
  readonly decided: boolean;
  readonly loop: boolean;
  readonly conditional: boolean;
  readonly unstable: boolean;
}

export function differencesOf(root: RegexNode): RegexDifferences {
  const unstableGroups = new Set<number>();
  let searchIsExact = true;
  let matchIsExact = true;
  const visit = (node: RegexNode, at: Surroundings): void => {
    switch (node.kind) {
      case 'sequence':
        for (const item of node.items) visit(item, at);
        return;
      case 'alternation':
        for (const option of node.options) visit(option, { ...at, choice: true, conditional: at.conditional || at.loop });
        return;
      case 'group':
        if (node.index !== null && (at.unstable || (at.loop && at.conditional))) unstableGroups.add(node.index);
        visit(node.body, at);
        return;
      // What is decided in there is not undone in Java when the choice around it is, captures included.
      case 'atomic':
        visit(node.body, { ...at, decided: true, unstable: at.unstable || at.choice });
        return;
      case 'look':
        visit(node.body, { ...at, decided: true, unstable: at.unstable || at.choice || node.behind || node.negative });
        return;
      case 'quantifier': {
        const emptyIteration = isNullable(node.body) && (node.max > 1 || (node.min === 0 && looks(node.body)));
        if (node.max > node.min && isNullable(node.body) && prefersEmpty(node.body)) {
          searchIsExact = false;
          if (at.decided) matchIsExact = false;
        }
        visit(node.body, {
          choice: at.choice || node.max > node.min,
          decided: at.decided,
          loop: at.loop || node.max > 1,
          conditional: at.conditional || (at.loop && node.min === 0),
          unstable: at.unstable || emptyIteration,
        });
        return;
      }
      default:
    }
  };
  visit(root, { choice: false, decided: false, loop: false, conditional: false, unstable: false });
  return { unstableGroups, searchIsExact, matchIsExact };
}

/** Whether a node looks ahead or behind: then an iteration may capture something and yet be empty. */
function looks(node: RegexNode): boolean {
  switch (node.kind) {
    case 'look':
      return true;
    case 'sequence':
      return node.items.some(looks);
    case 'alternation':
      return node.options.some(looks);
    case 'group':
    case 'atomic':
    case 'quantifier':
      return looks(node.body);
    default:
      return false;
  }
}

/** Whether something in a node may try the empty text before a longer one. */
function prefersEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'alternation':
      return true;
    case 'sequence':
      return node.items.some(prefersEmpty);
    case 'group':
    case 'atomic':
      return prefersEmpty(node.body);
    case 'quantifier':
      return node.lazy || prefersEmpty(node.body);
    default:
      return false;
  }
}

/** Groups that have certainly taken part by the time `target` is reached; a reference to any other one differs in JavaScript. */
export function groupsBefore(root: RegexNode, target: RegexNode): ReadonlySet<number> | null {
  const sure = new Set<number>();
  const collect = (node: RegexNode): void => {
    if (node.kind === 'sequence') node.items.forEach(collect);
    else if (node.kind === 'group') {
      if (node.index !== null) sure.add(node.index);
      collect(node.body);
    } else if (node.kind === 'atomic') collect(node.body);
    else if (node.kind === 'quantifier' && node.min > 0) collect(node.body);
  };
  /** Whether the target is in a node; then `sure` has what came before it, else it is as it was. */
  const find = (node: RegexNode): boolean => {
    if (node === target) return true;
    switch (node.kind) {
      case 'sequence': {
        const before = [...sure];
        for (const item of node.items) {
          if (find(item)) return true;
          collect(item);
        }
        sure.clear();
        for (const group of before) sure.add(group);
        return false;
      }
      case 'alternation':
        return node.options.some(find);
      case 'group':
      case 'atomic':
      case 'look':
      case 'quantifier':
        return find(node.body);
      default:
        return false;
    }
  };
  return find(root) ? sure : null;
}

/** Whether something in a node depends on the order in which its parts are matched, which in a lookbehind JavaScript reverses. */
export function dependsOnOrder(node: RegexNode): boolean {
  switch (node.kind) {
    case 'atomic':
    case 'reference':
      return true;
    case 'sequence':
      return node.items.some(dependsOnOrder);
    case 'alternation':
      return node.options.some(dependsOnOrder);
    case 'group':
    case 'look':
    case 'quantifier':
      return dependsOnOrder(node.body);
    default:
      return false;
  }
}
