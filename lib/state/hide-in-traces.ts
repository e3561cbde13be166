import type { ConfigStore } from './config-store.ts';
import type { StateStores } from './state-stores.ts';
import type { StatusStore } from './status-store.ts';

/** The same stores; traces of connectors and tasks are written as `hide` makes them. */
export function hideInTraces(stores: StateStores, hide: (text: string) => string): StateStores {
  const { configs, status } = stores;
  const setError: ConfigStore['setError'] = (name, trace) => configs.setError(name, trace === null ? null : hide(trace));
  const putTask: StatusStore['putTask'] = (lease, task) =>
    status.putTask(lease, { ...task, trace: task.trace === null ? null : hide(task.trace) });
  return { ...stores, configs: withMember(configs, { setError }), status: withMember(status, { putTask }) };
}

/** An object whose other members stay those of `target`, private state included. */
function withMember<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(of, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key as keyof T];
      const member: unknown = Reflect.get(of, key, of);
      return typeof member === 'function' ? member.bind(of) : member;
    },
  });
}
