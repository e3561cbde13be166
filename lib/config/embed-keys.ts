import type { ConfigDef, ConfigKey, Recommender, Validator } from '../core/config/config-def.ts';

const IMPORTANCE = { HIGH: 0, MEDIUM: 1, LOW: 2 } as const;

/**
 * Defines the keys of `child` under a prefix and in a group of their own, as ConfigDef.embed: validators and recommenders see the names without
 * the prefix. A key that is there already stays.
 */
export function embedKeys(def: ConfigDef, prefix: string, group: string, firstOrder: number, child: ConfigDef): void {
  let order = firstOrder;
  for (const key of sortedKeys(child)) {
    const name = prefix + key.name;
    if (def.keys.has(name)) continue;
    def.define({
      name,
      type: key.type,
      ...(key.required ? {} : { default: key.defaultValue }),
      ...(key.validator === null ? {} : { validator: embeddedValidator(prefix, key.validator) }),
      importance: key.importance,
      doc: key.doc,
      group: key.group === null ? group : `${group}: ${key.group}`,
      orderInGroup: order++,
      width: key.width,
      displayName: key.displayName,
      dependents: key.dependents.map((dependent) => prefix + dependent),
      ...(key.recommender === null ? {} : { recommender: embeddedRecommender(prefix, key.recommender) }),
      internal: key.internal,
      ...(key.knowsClass === null ? {} : { knowsClass: key.knowsClass }),
    });
  }
}

/** Keys in the order Kafka lists them: by group, order in the group, required ones first, importance, name. */
function sortedKeys(def: ConfigDef): ConfigKey[] {
  const groupOrder = (key: ConfigKey) => (key.group === null ? -1 : def.groups.indexOf(key.group));
  return [...def.keys.values()].sort(
    (a, b) =>
      groupOrder(a) - groupOrder(b) ||
      a.orderInGroup - b.orderInGroup ||
      Number(b.required) - Number(a.required) ||
      IMPORTANCE[a.importance] - IMPORTANCE[b.importance] ||
      (a.name < b.name ? -1 : 1),
  );
}

function embeddedValidator(prefix: string, inner: Validator): Validator {
  return {
    ensureValid: (name, value) => inner.ensureValid(name.slice(prefix.length), value),
    describe: () => inner.describe(),
    ...(inner.deduplicates ? { deduplicates: true } : {}),
  };
}

function embeddedRecommender(prefix: string, inner: Recommender): Recommender {
  const unprefixed = (parsed: ReadonlyMap<string, unknown>) =>
    new Map([...parsed].map(([name, value]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, value]));
  return {
    validValues: (name, parsed) => inner.validValues(name.slice(prefix.length), unprefixed(parsed)),
    visible: (name, parsed) => inner.visible(name.slice(prefix.length), unprefixed(parsed)),
  };
}
