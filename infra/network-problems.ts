import type { Pipeline } from '../lib/config/pipeline-file.ts';
import type { ConfigProblem } from '../lib/config/problems.ts';

const CLUSTER = /^arn:[^:]+:kafka:[^:]+:\d{12}:cluster\/[^/]+\/[^/]+$/;

const NAMES = { vpc: 'VPC', subnets: 'subnet', securityGroups: 'security group', alarmsTopic: 'SNS topic' };

/** What keeps a stack's functions from reaching Kafka. */
export function networkProblems({ worker, stack }: Pipeline): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (where: string, key: string, value: string | undefined, message: string, remedy: string): void => {
    problems.push({ severity: 'error', where, key, value: value ?? null, message, remedy });
  };
  const { cluster, subnets, securityGroups } = stack;
  if ((worker['bootstrap.servers'] ?? '') === '') {
    add('worker', 'bootstrap.servers', undefined, 'a deployed function has no embedded Kafka', 'give host:port of at least one broker');
  }
  if (worker['sasl.mechanism'] === 'AWS_MSK_IAM' && cluster === undefined) {
    add(
      'stack',
      'cluster',
      undefined,
      'sasl.mechanism is AWS_MSK_IAM, and permissions name topics by their cluster',
      "give the cluster's ARN",
    );
  }
  if (cluster !== undefined && !CLUSTER.test(cluster)) {
    add('stack', 'cluster', cluster, `'${cluster}' is no MSK cluster`, 'write arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID');
  }
  const id = (key: 'vpc' | 'subnets' | 'securityGroups' | 'alarmsTopic', value: string, pattern: RegExp, form: string): void => {
    if (!pattern.test(value)) add('stack', key, value, `'${value}' is no ${NAMES[key]}`, `write ${form}`);
  };
  if (stack.vpc !== undefined) id('vpc', stack.vpc, /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'vpc-ID');
  for (const subnet of subnets ?? []) id('subnets', subnet, /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'subnet-ID');
  for (const group of securityGroups ?? []) id('securityGroups', group, /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'sg-ID');
  if (stack.alarmsTopic !== undefined)
    id('alarmsTopic', stack.alarmsTopic, /^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/, 'arn:aws:sns:REGION:ACCOUNT:NAME');
  for (const key of Object.keys(stack.tags ?? {})) {
    if (/^aws:/i.test(key))
      add('stack', 'tags', key, `AWS keeps tags that begin with 'aws:' to itself, like '${key}'`, 'name it otherwise');
  }
  if (stack.vpc !== undefined && subnets === undefined && securityGroups === undefined) {
    add('stack', 'vpc', stack.vpc, 'a VPC alone does not say where in it', 'give stack.subnets and stack.securityGroups too');
  }
  if ((subnets?.length ?? 0) > 0 !== (securityGroups?.length ?? 0) > 0) {
    const given = subnets === undefined ? 'securityGroups' : 'subnets';
    add('stack', given, undefined, 'inside a VPC a function needs subnets and security groups', 'give both or neither');
  }
  return problems;
}
