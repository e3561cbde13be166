import type { Clock } from '../core/clock.ts';
import { ConnectException } from '../core/errors.ts';
import { invokeAsynchronously } from './self-invocation.ts';
import { type AwsEnvironment, callService } from './service-request.ts';
import { percentEncode } from './sign.ts';
import type { Triggers } from './triggers.ts';

/** A mapping that is being changed refuses further changes (`ResourceInUseException`, `ResourceConflictException`); Lambda takes seconds to change one. */
const BUSY = /ResourceInUseException|ResourceConflictException|being (?:created|modified|updated|deleted)/i;
const BUSY_PATIENCE_MS = 25_000;
const BUSY_LOOK_MS = 1_000;

/**
 * Lambda's Invoke and UpdateEventSourceMapping with the credentials of the environment
 * (https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html). Calls throw RetriableException or ConnectException.
 */
export function createLambdaTriggers(env: AwsEnvironment, clock: Clock): Triggers {
  const switchMapping = async (mapping: string, enabled: boolean): Promise<void> => {
    const until = clock.monotonic() + BUSY_PATIENCE_MS;
    for (;;) {
      try {
        await callService(
          {
            method: 'PUT',
            service: 'lambda',
            path: `/2015-03-31/event-source-mappings/${percentEncode(mapping)}`,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ Enabled: enabled }),
            doing: `${enabled ? 'enabling' : 'disabling'} event source mapping ${mapping}`,
          },
          env,
        );
        return;
      } catch (error) {
        if (!(error instanceof ConnectException && BUSY.test(error.message)) || clock.monotonic() >= until) throw error;
        await clock.sleep(BUSY_LOOK_MS);
      }
    }
  };
  return {
    tick: (functionName, event) => invokeAsynchronously(functionName, event, env),
    enable: (mapping) => switchMapping(mapping, true),
    disable: (mapping) => switchMapping(mapping, false),
  };
}
