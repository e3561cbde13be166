import { Construct } from 'constructs';
import { DEFAULT_SEQUENCE_TOPIC, exactlyOnceInForce } from '../../lib/config/exactly-once.ts';
import { type ConnectorPlan, reservedConcurrencyOf } from '../connector-plan.ts';
import type { ConnectState } from './connect-state.ts';
import type { ConnectorBundle } from './connector-bundle.ts';
import { ConnectorFunction } from './connector-function.ts';
import type { KafkaAccess, KafkaUse } from './kafka-access.ts';
import { ObjectEvents } from './object-events.ts';
import { TickSchedule } from './tick-schedule.ts';
import type { Undelivered } from './undelivered.ts';

/** What both kinds of connectors are built from. */
export interface ConnectorConstructProps {
  readonly plan: ConnectorPlan;
  readonly bundle: ConnectorBundle;
  readonly state: ConnectState;
  readonly kafka: KafkaAccess;
  readonly undelivered: Undelivered;
}

/** A source connector: one function that a schedule ticks, or the objects that are created; it invokes itself once per further task and to go on after its deadline. */
export class SourceConnector extends Construct {
  readonly worker: ConnectorFunction;
  /** null where created objects start it. */
  readonly ticks: TickSchedule | null;
  /** What starts it. */
  readonly starters: readonly Construct[];

  constructor(scope: Construct, id: string, props: ConnectorConstructProps) {
    super(scope, id);
    const { plan, kafka, state } = props;
    this.worker = new ConnectorFunction(this, 'Worker', {
      ...props,
      handsOver: true,
      reservedConcurrency: reservedConcurrencyOf(plan),
    });
    for (const statement of kafka.clientStatements(kafkaUseOf(plan, state))) this.worker.role.addToPolicy(statement);
    const { function: target, role } = this.worker;
    if (plan.trigger === 'event') {
      this.ticks = null;
      this.starters = [new ObjectEvents(this, 'Objects', { plan, function: target, role })];
      return;
    }
    this.ticks = new TickSchedule(this, 'Ticks', { plan, function: target, undelivered: props.undelivered });
    this.starters = [this.ticks];
  }
}

/** With exactly-once delivery also: the transactional ids of its tasks, the groups of these names, and the topic whose group offsets carry their numbers. */
function kafkaUseOf(plan: ConnectorPlan, state: ConnectState): KafkaUse {
  const write = topicsWritten(plan);
  if (!exactlyOnceInForce(plan.config, plan.worker)) return { write };
  const ids = [`${plan.worker['group.id'] ?? state.table.tableName}-${plan.name}-*`];
  const sequence = plan.config['lambda.sequence.topic'] ?? DEFAULT_SEQUENCE_TOPIC;
  return { write: [...write, sequence], read: [sequence], groups: ids, transactionalIds: ids };
}

/** Transformations may send records anywhere; otherwise the connector's own keys say where they go. */
function topicsWritten(plan: ConnectorPlan): string[] {
  const routed = plan.plugins.some(({ kind, className }) => kind === 'transformation' && /Router/.test(className));
  const { topic, 'topic.prefix': prefix } = plan.config;
  if (routed || (topic === undefined && prefix === undefined)) return ['*'];
  return topic === undefined ? [`${prefix}*`] : [topic];
}
