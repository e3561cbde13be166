import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnEventSourceMapping, CfnEventSourceMappingProps, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { StackSettings } from '../../lib/config/pipeline-file.ts';
import type { ConnectorProps } from '../../lib/core/connector.ts';
import type { PollerRegistry } from '../schema-registry.ts';
import { type Reference, references, secretArn, secretId } from './secret-access.ts';

/** What a function does with Kafka; names may end in `*`. */
export interface KafkaUse {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly groups?: readonly string[];
  readonly transactionalIds?: readonly string[];
}

type SourceAccess = CfnEventSourceMapping.SourceAccessConfigurationProperty;
type EventSource = Partial<CfnEventSourceMappingProps>;

/** Secret of each way to authenticate, as Lambda's poller names it. MSK IAM is what a mapping uses when none is named. */
const SASL_ACCESS: Readonly<Record<string, string>> = {
  PLAIN: 'BASIC_AUTH',
  'SCRAM-SHA-256': 'SASL_SCRAM_256_AUTH',
  'SCRAM-SHA-512': 'SASL_SCRAM_512_AUTH',
};

/** How a stack's functions and pollers reach Kafka, derived from Connect's worker keys and the `stack` section. */
export class KafkaAccess {
  readonly #stack: Stack;
  readonly #worker: ConnectorProps;
  readonly #network: StackSettings;

  constructor(scope: Construct, worker: ConnectorProps, network: StackSettings) {
    this.#stack = Stack.of(scope);
    this.#worker = worker;
    this.#network = network;
  }

  get usesIam(): boolean {
    return this.#worker['sasl.mechanism'] === 'AWS_MSK_IAM';
  }

  /** Subnets and security groups of a function; null = outside any VPC. */
  functionNetwork(): CfnFunction.VpcConfigProperty | null {
    const { subnets, securityGroups } = this.#network;
    if (subnets === undefined || subnets.length === 0) return null;
    return { subnetIds: [...subnets], securityGroupIds: [...(securityGroups ?? [])] };
  }

  /** Network interfaces: EC2 knows no resource for these actions that exists before the call. */
  networkStatements(): PolicyStatement[] {
    if (this.functionNetwork() === null && this.#network.cluster === undefined) return [];
    const actions = [
      'CreateNetworkInterface',
      'DeleteNetworkInterface',
      'DescribeNetworkInterfaces',
      'DescribeSecurityGroups',
      'DescribeSubnets',
      'DescribeVpcs',
    ];
    return [new PolicyStatement({ sid: 'Network', actions: actions.map((action) => `ec2:${action}`), resources: ['*'] })];
  }

  /** Rights of a client of ours on topics, groups and transactional ids; none are AWS's matter without MSK IAM. */
  clientStatements(use: KafkaUse): PolicyStatement[] {
    if (!this.usesIam || this.#network.cluster === undefined) return [];
    const statements: PolicyStatement[] = [];
    const add = (
      sid: string,
      actions: string[],
      kind: 'cluster' | 'topic' | 'group' | 'transactional-id',
      names: readonly string[] = [],
    ): void => {
      const resources = kind === 'cluster' ? [this.#network.cluster as string] : names.map((name) => this.#resource(kind, name));
      if (resources.length > 0)
        statements.push(new PolicyStatement({ sid, actions: actions.map((action) => `kafka-cluster:${action}`), resources }));
    };
    const writes = (use.write?.length ?? 0) > 0;
    add('KafkaCluster', writes ? ['Connect', 'WriteDataIdempotently'] : ['Connect'], 'cluster');
    add('KafkaWrite', ['CreateTopic', 'DescribeTopic', 'DescribeTopicDynamicConfiguration', 'WriteData'], 'topic', use.write);
    add('KafkaRead', ['DescribeTopic', 'ReadData'], 'topic', use.read);
    add('KafkaGroups', ['AlterGroup', 'DescribeGroup'], 'group', use.groups);
    add('KafkaTransactions', ['AlterTransactionalId', 'DescribeTransactionalId'], 'transactional-id', use.transactionalIds);
    return statements;
  }

  /** Rights that Lambda's pollers take from the function's role beside those of a client. */
  pollerStatements(): PolicyStatement[] {
    const { cluster } = this.#network;
    const statements: PolicyStatement[] = [];
    const secrets = [...new Set(this.#secrets().map(([, secret]) => secretArn(this.#stack, secret)))];
    if (cluster !== undefined) {
      statements.push(
        new PolicyStatement({ sid: 'Poller', actions: ['kafka:DescribeClusterV2'], resources: [cluster] }),
        // The one action of MSK that knows no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html
        new PolicyStatement({ sid: 'PollerBrokers', actions: ['kafka:GetBootstrapBrokers'], resources: ['*'] }),
      );
    }
    if (secrets.length > 0) {
      statements.push(new PolicyStatement({ sid: 'PollerSecrets', actions: ['secretsmanager:GetSecretValue'], resources: secrets }));
    }
    return statements;
  }

  /** Rights of a poller on the topic it writes failed batches to; the topic must be there. */
  destinationStatements(topic: string): PolicyStatement[] {
    if (!this.usesIam || this.#network.cluster === undefined) return [];
    const actions = ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'];
    return [new PolicyStatement({ sid: 'OnFailure', actions, resources: [this.#resource('topic', topic)] })];
  }

  /** Where a mapping reads and how it authenticates. */
  eventSource(groupId: string, registry: PollerRegistry | null): EventSource {
    const kafkaConfig = { consumerGroupId: groupId, ...(registry === null ? {} : { schemaRegistryConfig: registryConfig(registry) }) };
    const configurations = this.#accessConfigurations();
    const access = configurations.length === 0 ? {} : { sourceAccessConfigurations: configurations };
    if (this.#network.cluster !== undefined) {
      return { eventSourceArn: this.#network.cluster, amazonManagedKafkaEventSourceConfig: kafkaConfig, ...access };
    }
    const kafkaBootstrapServers = (this.#worker['bootstrap.servers'] ?? '').split(',').map((server) => server.trim());
    return {
      selfManagedEventSource: { endpoints: { kafkaBootstrapServers } },
      selfManagedKafkaEventSourceConfig: kafkaConfig,
      ...access,
    };
  }

  /** Secrets that Lambda's poller reads itself, by what they are to it. */
  #secrets(): [type: string, secret: Reference][] {
    const found: [string, Reference][] = [];
    const add = (type: string | undefined, keys: readonly string[]): void => {
      const props = Object.fromEntries(keys.flatMap((key) => (this.#worker[key] === undefined ? [] : [[key, this.#worker[key]]])));
      const [secret] = references('secretsManager', [props], this.#worker);
      if (type !== undefined && secret !== undefined) found.push([type, secret]);
    };
    const protocol = this.#worker['security.protocol'] ?? '';
    if (protocol.startsWith('SASL')) add(SASL_ACCESS[this.#worker['sasl.mechanism'] ?? ''], ['sasl.jaas.config']);
    if (protocol === 'SSL') add('CLIENT_CERTIFICATE_TLS_AUTH', ['ssl.keystore.certificate.chain', 'ssl.keystore.key']);
    if (protocol.endsWith('SSL')) add('SERVER_ROOT_CA_CERTIFICATE', ['ssl.truststore.certificates']);
    return found;
  }

  #accessConfigurations(): SourceAccess[] {
    const found: SourceAccess[] = this.#secrets().map(([type, secret]) => ({ type, uri: secretId(this.#stack, secret) }));
    // MSK pollers use the cluster's own subnets.
    if (this.#network.cluster === undefined) {
      for (const id of this.#network.subnets ?? []) found.push({ type: 'VPC_SUBNET', uri: `subnet:${id}` });
      for (const id of this.#network.securityGroups ?? []) found.push({ type: 'VPC_SECURITY_GROUP', uri: `security_group:${id}` });
    }
    return found;
  }

  /** `arn:…:cluster/name/uuid` → `arn:…:topic/name/uuid/orders`. */
  #resource(kind: string, name: string): string {
    return `${(this.#network.cluster as string).replace(':cluster/', `:${kind}/`)}/${name}`;
  }
}

function registryConfig({ access, attributes, recordFormat, uri }: PollerRegistry): CfnEventSourceMapping.SchemaRegistryConfigProperty {
  return {
    schemaRegistryUri: uri,
    eventRecordFormat: recordFormat ?? 'SOURCE',
    schemaValidationConfigs: attributes.map((attribute) => ({ attribute })),
    ...(access.length === 0 ? {} : { accessConfigs: access.map(({ type, secret }) => ({ type, uri: secret })) }),
  };
}
