import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { deadLetterTopicOf, groupsOf, reservedConcurrencyOf } from '../connector-plan.ts';
import { ConnectorFunction } from './connector-function.ts';
import { KafkaMapping, mappingStatements } from './kafka-mapping.ts';
import { logicalPart } from './physical-name.ts';
import type { ConnectorConstructProps } from './source-connector.ts';
import { TickSchedule } from './tick-schedule.ts';

/** A sink connector: fed by one event source mapping per topic, or ticked by a schedule and reading Kafka itself. */
export class SinkConnector extends Construct {
  readonly worker: ConnectorFunction;
  /** null = it is fed by events. */
  readonly ticks: TickSchedule | null;
  /** By topic; empty for a scheduled sink. */
  readonly mappings: ReadonlyMap<string, CfnEventSourceMapping>;
  /** What starts it: a schedule, or a mapping per topic. */
  readonly starters: readonly Construct[];

  constructor(scope: Construct, id: string, props: ConnectorConstructProps) {
    super(scope, id);
    const { plan, kafka } = props;
    const scheduled = plan.trigger === 'schedule';
    this.worker = new ConnectorFunction(this, 'Worker', {
      ...props,
      handsOver: scheduled,
      // `tasks.max` is how much of the target a sink may use at the same time.
      reservedConcurrency: reservedConcurrencyOf(plan) ?? (scheduled ? null : plan.tasksMax),
    });
    const deadLetters = deadLetterTopicOf(plan);
    const write = deadLetters === null ? [] : [deadLetters];
    const { role, function: target } = this.worker;
    if (scheduled) {
      const read = plan.topics.length === 0 ? ['*'] : plan.topics;
      for (const statement of kafka.clientStatements({ read, write, groups: Object.values(groupsOf(plan)) })) role.addToPolicy(statement);
      this.ticks = new TickSchedule(this, 'Ticks', { plan, function: target, undelivered: props.undelivered });
      this.mappings = new Map();
      this.starters = [this.ticks];
      return;
    }
    for (const statement of mappingStatements(plan, kafka, write)) role.addToPolicy(statement);
    this.ticks = null;
    this.mappings = new Map(
      plan.topics.map((topic) => [
        topic,
        new KafkaMapping(this, `Topic${logicalPart(topic)}`, { plan, topic, kafka, function: target, role }).resource,
      ]),
    );
    this.starters = [...this.mappings.values()];
  }
}
