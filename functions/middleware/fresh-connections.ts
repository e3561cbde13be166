import type middy from '@middy/core';
import type { Clock } from '../../lib/core/clock.ts';

/** A socket that slept longer may be dead without knowing it: brokers, databases and NAT gateways forget idle ones. */
const LONGEST_FREEZE_MS = 60_000;

/** Drops idle connections after a long freeze, by the wall clock: the monotonic one may stand still with the environment. */
export function freshConnections(connections: { disconnect(): Promise<void> }, clock: Clock): middy.MiddlewareObj {
  let endedAtMs = clock.now();
  const end = (): void => {
    endedAtMs = clock.now();
  };
  return {
    async before() {
      if (clock.now() - endedAtMs > LONGEST_FREEZE_MS) await connections.disconnect();
    },
    after: end,
    onError: end,
  };
}
