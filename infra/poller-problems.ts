import type { Pipeline } from '../lib/config/pipeline-file.ts';
import type { ConfigProblem } from '../lib/config/problems.ts';
import { variablesIn } from '../lib/config/variables.ts';
import { references } from './constructs/secret-access.ts';

const SELF_MANAGED = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
/** https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html */
const MSK = ['AWS_MSK_IAM', 'SCRAM-SHA-512'];
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/;

/**
 * What keeps Lambda's own Kafka pollers from logging in. They read no configuration of ours: only secrets of Secrets Manager, in a form of
 * theirs. https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html
 */
export function pollerProblems({ worker, stack }: Pipeline): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (key: string, message: string, remedy: string): void => {
    problems.push({ severity: 'error', where: 'worker', key, value: worker[key] ?? null, message, remedy });
  };
  const protocol = worker['security.protocol'] ?? 'PLAINTEXT';
  const mechanism = worker['sasl.mechanism'] ?? 'GSSAPI';
  const managed = stack.cluster !== undefined;
  /** Each key must name a member of a secret, under the name that the poller looks for. */
  const secretWith = (key: string, members: readonly string[]): void => {
    const value = worker[key];
    if (value === undefined) return;
    const [secret, ...others] = references('secretsManager', [{ [key]: value }], worker);
    const found = variablesIn(value).map((variable) => variable.key);
    if (secret === undefined || others.length > 0) {
      refuse(
        key,
        'the poller of an event source mapping reads one secret of Secrets Manager',
        `write \${secretsManager:NAME:${members[0]}}`,
      );
    } else if (found.some((member) => !members.includes(member))) {
      const unknown = found.filter((member) => !members.includes(member)).join(', ');
      refuse(
        key,
        `the poller of an event source mapping does not know the member '${unknown}' of a secret`,
        `name the secret's members ${members.join(' and ')}`,
      );
    } else if (managed && mechanism === 'SCRAM-SHA-512' && key === 'sasl.jaas.config' && !/(^|:secret:)AmazonMSK_/.test(secret.name)) {
      refuse(
        key,
        `MSK takes no secret named '${secret.name}'`,
        "its name must begin with 'AmazonMSK_', and it must be encrypted with a KMS key of your own",
      );
    }
  };

  if (protocol.startsWith('SASL')) {
    const allowed = managed ? MSK : SELF_MANAGED;
    if (!allowed.includes(mechanism) && !(mechanism === 'AWS_MSK_IAM' && !managed)) {
      const where = managed ? 'an MSK cluster' : 'a cluster of your own';
      refuse(
        'sasl.mechanism',
        `Lambda's poller does not log in to ${where} with ${mechanism}`,
        `allowed: ${allowed.join(', ')}; or set lambda.trigger=schedule`,
      );
    } else if (mechanism !== 'AWS_MSK_IAM') {
      if (worker['sasl.jaas.config'] === undefined) {
        refuse(
          'sasl.jaas.config',
          `${mechanism} needs a user and a password`,
          `write … required username="\${secretsManager:NAME:username}" password="\${secretsManager:NAME:password}";`,
        );
      }
      secretWith('sasl.jaas.config', ['username', 'password']);
    }
  } else if (!managed && protocol === 'PLAINTEXT' && (stack.subnets ?? []).length === 0 && !loopbackOnly(worker)) {
    refuse(
      'security.protocol',
      'Lambda reads no cluster of your own that asks for no login, unless it is inside a VPC',
      'give stack.subnets and stack.securityGroups, a login, or lambda.trigger=schedule',
    );
  }
  if (protocol === 'SSL') {
    secretWith('ssl.keystore.certificate.chain', ['certificate']);
    secretWith('ssl.keystore.key', ['privateKey']);
    const unsigned = worker['ssl.keystore.certificate.chain'] === undefined || worker['ssl.keystore.key'] === undefined;
    if (unsigned && !managed && (stack.subnets ?? []).length === 0) {
      refuse(
        'ssl.keystore.certificate.chain',
        'Lambda reads no cluster of your own that asks for no login, unless it is inside a VPC',
        'give chain and key of a client certificate, or stack.subnets and stack.securityGroups',
      );
    }
  }
  if (protocol.endsWith('SSL')) secretWith('ssl.truststore.certificates', ['certificate']);
  return problems;
}

/** Of a pipeline that is deployed on this machine only. */
function loopbackOnly(worker: Pipeline['worker']): boolean {
  return (worker['bootstrap.servers'] ?? '').split(',').every((server) => LOOPBACK.test(server.trim()));
}
