import { InvokeCommand, type LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { ClientSettings, KafkaClients } from '../../lib/kafka/kafka-clients.ts';
import { mappingOptions } from '../../lib/local/deployment/mapping-options.ts';
import { readStackTemplate } from '../../lib/local/deployment/stack-template.ts';
import { createEventSourceMapping, type EventSourceMapping } from '../../lib/local/event-source-mapping/event-source-mapping.ts';
import { createScheduler } from '../../lib/local/scheduler/scheduler.ts';

/** What starts the functions of a deployed stack where the endpoint's own schedules and Kafka pollers do nothing. */
export interface Triggers {
  /** Records that the mappings have delivered, each delivery of a record counted. */
  delivered(): number;
  /** Errors of functions and of deliveries, in words. */
  readonly failures: readonly string[];
  /** Resolves when no batch is in flight. */
  stop(): Promise<void>;
}

const STATE_CHECK_MS = 1_000;

/**
 * Ticks a stack's schedules every `everyMs` and feeds its event source mappings from Kafka, both through Invoke of the endpoint. A mapping
 * that is disabled there stands still here.
 */
export async function startTriggers(options: {
  readonly assembly: string;
  readonly stack: string;
  readonly lambda: LambdaClient;
  readonly kafka: KafkaClients;
  /** How to reach the brokers, secrets and all: where Lambda's pollers would read the secrets of the mapping. */
  readonly kafkaSettings: ClientSettings;
  readonly everyMs: number;
}): Promise<Triggers> {
  const { lambda, kafka, everyMs } = options;
  const template = readStackTemplate(options.assembly, options.stack);
  const failures: string[] = [];
  const fail = (what: string) => (error: unknown) =>
    void failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);

  const invoke = async (FunctionName: string, event: unknown) => {
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    const payload = Payload?.transformToString() ?? 'null';
    if (FunctionError !== undefined) failures.push(`${FunctionName}: ${payload}`);
    return { functionError: FunctionError ?? null, payload };
  };

  const scheduler = createScheduler({ everyMs, onError: (name, error) => fail(`tick of ${name}`)(error) });
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::Scheduler::Schedule')) {
    const { Name, ScheduleExpression, Target } = template.resolve(resource) as unknown as {
      Name: string;
      ScheduleExpression: string;
      Target: { Arn: string; Input: string };
    };
    const FunctionName = Target.Arn.split(':')[6] as string;
    scheduler.add({
      name: Name,
      expression: ScheduleExpression,
      deliver: () => lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Target.Input })),
    });
  }

  const mappings: { functionName: string; topic: string; mapping: EventSourceMapping; close: () => Promise<void> }[] = [];
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')) {
    const properties = template.resolve(resource);
    const functionName = String(properties.FunctionName).split(':')[6] as string;
    const { options: mapping, close } = mappingOptions(properties, {
      host: { invoke },
      kafka,
      workerProps: options.kafkaSettings,
      concurrencyOf: () => 1,
    });
    mappings.push({
      functionName,
      topic: mapping.topic,
      mapping: createEventSourceMapping({ ...mapping, onError: fail(`mapping of ${mapping.topic}`) }),
      close,
    });
  }
  const followStates = async (): Promise<void> => {
    for (const { functionName, topic, mapping } of mappings) {
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: functionName }));
      const state = EventSourceMappings.find(({ Topics }) => Topics?.includes(topic))?.State;
      if (state === 'Enabled') mapping.enable();
      else if (state !== undefined) await mapping.disable();
    }
  };
  await followStates();
  let following = Promise.resolve();
  const timer = setInterval(() => {
    following = following.then(followStates).catch(fail('states of the mappings'));
  }, STATE_CHECK_MS);

  return {
    failures,
    delivered: () => mappings.reduce((sum, { mapping }) => sum + mapping.stats().records, 0),
    async stop() {
      clearInterval(timer);
      await following;
      await scheduler.close();
      for (const { mapping, close } of mappings) {
        await mapping.disable();
        await close();
      }
    },
  };
}
