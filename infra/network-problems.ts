import type { Pipeline } from '../lib/config/pipeline-file.ts';
import type { ConfigProblem } from '../lib/config/problems.ts';

const CLUSTER = /^arn:[^:]+:kafka:[^:]+:\d{12}:cluster\/[^/]+\/[^/]+$/;

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
  if ((subnets?.length ?? 0) > 0 !== (securityGroups?.length ?? 0) > 0) {
    const given = subnets === undefined ? 'securityGroups' : 'subnets';
    add('stack', given, undefined, 'inside a VPC a function needs subnets and security groups', 'give both or neither');
  }
  return problems;
}
