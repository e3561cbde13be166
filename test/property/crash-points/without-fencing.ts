import type { Lease } from '../../../lib/state/lease-store.ts';
import type { MemoryState } from '../../../lib/state/memory/memory-state.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { overridden } from '../../support/runtime/fakes.ts';

/** Stores whose writes carry no condition: an owner that was replaced long ago overwrites its successors. */
export function withoutFencing(stores: StateStores, state: MemoryState): StateStores {
  const { offsets, status } = stores;
  const accepted = (lease: Lease): Lease => ({ ...lease, token: state.of(lease.connector).leases.get(lease.task)?.token ?? lease.token });
  return {
    ...stores,
    offsets: overridden(offsets, {
      commit: (lease, stored) => offsets.commit(accepted(lease), stored),
      saveProgress: (lease, progress) => offsets.saveProgress(accepted(lease), progress),
      commitWatermarks: async (connector, by, watermarks) => {
        if ('lease' in by) return offsets.commitWatermarks(connector, { lease: accepted(by.lease) }, watermarks);
        return offsets.commitWatermarks(connector, { previous: await offsets.loadWatermarks(connector, watermarks) }, watermarks);
      },
    }),
    status: overridden(status, { putTask: (lease, written) => status.putTask(accepted(lease), written) }),
  };
}
