import type { Pipeline } from '../lib/config/pipeline-file.ts';
import { type ConnectorPlan, deadLetterTopicOf } from './connector-plan.ts';
import { references } from './constructs/secret-access.ts';

/** Something that functions or pollers of a stack must reach from its subnets. */
export interface NetworkNeed {
  readonly what: string;
  /** What opens the way beside a NAT gateway; null = a route and security groups. */
  readonly endpoint: string | null;
  readonly why: string;
}

/** What must be reachable from the subnets that a pipeline names; empty outside a VPC. */
export function networkNeeds({ stack, worker }: Pick<Pipeline, 'stack' | 'worker'>, plans: readonly ConnectorPlan[]): NetworkNeed[] {
  const inside = (stack.subnets ?? []).length > 0;
  if (!inside) return [];
  const needs: NetworkNeed[] = [];
  const add = (what: string, endpoint: string | null, why: string): void => void needs.push({ what, endpoint, why });
  const names = (wanted: (plan: ConnectorPlan) => boolean): string =>
    plans
      .filter(wanted)
      .map(({ name }) => name)
      .join(', ');
  add('DynamoDB', 'gateway endpoint (free)', 'the state table');
  const clients = names((plan) => plan.trigger === 'schedule' || deadLetterTopicOf(plan) !== null);
  const events = plans.filter((plan) => plan.manifest.kind === 'sink' && plan.trigger === 'event');
  if (clients !== '') add(`Kafka (${worker['bootstrap.servers'] ?? ''})`, null, clients);
  const handing = names((plan) => plan.trigger === 'schedule');
  if (handing !== '') add('Lambda', 'interface endpoint', `${handing}: tasks and hand-overs`);
  const props = [worker, ...plans.map(({ config }) => config)];
  const services = { secretsManager: 'Secrets Manager', ssm: 'SSM', s3: 'S3' } as const;
  for (const [kind, what] of Object.entries(services) as [keyof typeof services, string][]) {
    const referred = references(kind, props, worker);
    const endpoint = kind === 's3' ? 'gateway endpoint (free)' : 'interface endpoint';
    if (referred.length > 0) add(what, endpoint, referred.map(({ name }) => name).join(', '));
  }
  const buckets = names((plan) => plan.needs.some(({ actions }) => actions.some((action) => action.startsWith('s3:'))));
  if (buckets !== '') add('S3', 'gateway endpoint (free)', buckets);
  for (const [target, by] of targetsOf(plans)) add(target, null, by.join(', '));
  const onDemand = events.filter(({ lambda }) => lambda.get('lambda.pollers.min') === null && lambda.get('lambda.pollers.max') === null);
  // MSK's pollers are in the cluster's subnets. https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-cluster-network.html
  if (onDemand.length > 0 && stack.cluster === undefined) {
    const why = `pollers on demand of ${onDemand.map(({ name }) => name).join(', ')}; provisioned ones need nothing`;
    add('Lambda, STS, Secrets Manager', 'interface endpoints', why);
  }
  return needs;
}

/** Hosts that connectors name in URLs, with the connectors. */
function targetsOf(plans: readonly ConnectorPlan[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { config, name } of plans) {
    for (const value of Object.values(config)) {
      const host = /^(?:jdbc:)?[a-z]+:\/\/(?:[^/@\s]*@)?([A-Za-z0-9.-]+(?::\d+)?)/.exec(value)?.[1];
      if (host !== undefined && !value.startsWith('kafka:')) found.set(host, [...new Set([...(found.get(host) ?? []), name])]);
    }
  }
  return found;
}

/** Lines for the terminal; '' where nothing is needed. */
export function networkReport(pipeline: string, needs: readonly NetworkNeed[]): string {
  if (needs.length === 0) return '';
  const lines = needs.map(
    ({ endpoint, what, why }) => `  ${what}: ${endpoint === null ? 'route and security groups' : `${endpoint} or NAT`} (${why})`,
  );
  return [`${pipeline}: must be reachable from its subnets`, ...lines].join('\n');
}
