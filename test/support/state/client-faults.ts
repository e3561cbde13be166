import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What happens to one attempt of one call. `late` sends it when the promise resolves, long after the caller gave it up. */
export type Fault = 'none' | 'answer-lost' | 'request-lost' | 'throttled' | { readonly delayMs: number } | { readonly late: Promise<void> };

/** Faults below the SDK's own retries, as the network makes them. */
export class ClientFaults {
  /** Decides for each attempt; `command` is e.g. `UpdateItemCommand`. */
  decide: (command: string) => Fault = () => 'none';
  /** Attempts since {@link ClientFaults.reset}, by command. */
  readonly attempts = new Map<string, number>();
  /** Late requests that were sent after all. */
  readonly late: Promise<unknown>[] = [];

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = context.commandName ?? '';
        this.attempts.set(command, (this.attempts.get(command) ?? 0) + 1);
        const fault = this.decide(command);
        if (fault === 'request-lost') throw timeout();
        if (fault === 'throttled') {
          throw Object.assign(new Error('slow down'), { name: 'ThrottlingException', $retryable: { throttling: true }, $metadata: {} });
        }
        if (typeof fault === 'object' && 'late' in fault) {
          this.late.push(fault.late.then(() => next(args)).catch(() => undefined));
          throw timeout();
        }
        if (typeof fault === 'object') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
        if (fault !== 'answer-lost') return next(args);
        // What it answered, or refused, nobody learns.
        await next(args).catch(() => undefined);
        throw timeout();
      },
      { step: 'deserialize', priority: 'low', name: 'clientFaults' },
    );
  }

  /** The first `count` attempts of a command suffer the fault, the others none. */
  first(command: string, count: number, fault: Fault): void {
    let left = count;
    this.decide = (name) => (name === command && left-- > 0 ? fault : 'none');
  }

  reset(): void {
    this.decide = () => 'none';
    this.attempts.clear();
  }
}

function timeout(): Error {
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $metadata: {} });
}
