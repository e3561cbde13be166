import { ConnectException } from '../core/errors.ts';
import type { SourceMessage } from '../core/source.ts';
import { type InvocationDeps, runTick } from './invocation.ts';

/** A batch of an SQS queue. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string; readonly eventSource: 'aws:sqs' }[];
}

/** An event of EventBridge, which gets here as it is. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
interface BusEvent {
  readonly id: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/** What starts a source beside its schedule. */
export type SourceTriggerEvent = QueueEvent | BusEvent;

/** Messages of a queue that are to come again. */
export interface PartialAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Whether an event says what there is to read; ticks do not. */
export function isSourceTrigger(event: object): event is SourceTriggerEvent {
  return isQueueEvent(event) || ('detail-type' in event && 'detail' in event);
}

function isQueueEvent(event: object): event is QueueEvent {
  const records = (event as Partial<QueueEvent>).Records;
  return Array.isArray(records) && records.every((record) => record?.eventSource === 'aws:sqs');
}

/** Ends of a run in which all that was polled was delivered and committed. */
const COMMITTED: ReadonlySet<string> = new Set(['caught-up', 'deadline', 'stopped']);

/**
 * Runs the first task of a source for what its trigger says. Of a queue's messages those come again that were not read to the end: time ran out,
 * another invocation has the task, the connector is paused. What of them was committed before is not read again. Throws what failed, and what an
 * event of EventBridge left, which cannot be answered in part.
 */
export async function runSourceEvent(event: SourceTriggerEvent, deps: InvocationDeps): Promise<PartialAnswer> {
  const messages = messagesOf(event);
  const completed = new Set<string>();
  const { invokeSelf: _, ...run } = deps;
  // What is not read in time comes again with its message, and needs no hand-over
  const sourceEvent = { messages, completed: (id: string) => void completed.add(id) };
  const { outcome } = await runTick({ task: 0 }, { ...run, sourceEvent });
  const left = COMMITTED.has(outcome) ? messages.filter(({ id }) => !completed.has(id)) : messages;
  if (left.length > 0) {
    if (!isQueueEvent(event)) {
      throw new ConnectException(`the event ${messages[0]?.id} was not read to the end (${outcome}); a queue between would give it again`);
    }
    deps.logger.warn('messages were not read to the end and come again', { outcome, left: left.length, of: messages.length });
  }
  return { batchItemFailures: left.map(({ id }) => ({ itemIdentifier: id })) };
}

function messagesOf(event: SourceTriggerEvent): readonly SourceMessage[] {
  if (isQueueEvent(event)) return event.Records.map(({ messageId, body }) => ({ id: messageId, body }));
  return [{ id: event.id, body: JSON.stringify(event) }];
}
