import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { connectorPk } from '../../lib/state/dynamodb/keys.ts';
import {
  CONTROL_LISTINGS,
  INDEX_KEYS,
  INDEX_NAME,
  INDEXED_ATTRIBUTES,
  LOGGERS_PARTITION,
  TABLE_KEYS,
} from '../../lib/state/table-shape.ts';

/** What the stores call; transactions, scans and batch writes are not among them. */
const ITEM_ACTIONS = ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];

/** The table that holds offsets, watermarks, leases, configurations and status of a stack's connectors. It outlives its stack. */
export class ConnectState extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: INDEX_NAME,
      partitionKey: { name: INDEX_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: INDEX_KEYS.sort, type: AttributeType.STRING },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...INDEXED_ATTRIBUTES],
    });
  }

  /** Listings of all connectors and tasks, and log levels: for whoever answers for the whole table. */
  grantListings(role: IRole): void {
    const within = (keys: readonly string[]) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'Listings',
        actions: ['dynamodb:Query'],
        resources: [`${this.table.tableArn}/index/${INDEX_NAME}`],
        conditions: within(CONTROL_LISTINGS),
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'Loggers',
        actions: ['dynamodb:Query', 'dynamodb:UpdateItem', 'dynamodb:GetItem'],
        resources: [this.table.tableArn],
        conditions: within([LOGGERS_PARTITION]),
      }),
    );
  }

  /** Access to the items of these connectors and to no other's; each has a key of its own per shard. */
  grantItems(role: IRole, connectors: readonly { readonly name: string; readonly shards: number }[]): void {
    const keys = connectors.flatMap(({ name, shards }) => Array.from({ length: shards }, (_, shard) => connectorPk(name, shard)));
    role.addToPrincipalPolicy(
      new PolicyStatement({
        sid: 'State',
        actions: ITEM_ACTIONS,
        resources: [this.table.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } },
      }),
    );
  }
}
