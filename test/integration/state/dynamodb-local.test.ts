import { dynamoDbLocalUnavailable } from '../../support/dynamodb-local/start-dynamodb-local.ts';
import { dynamoDbLocalTarget } from '../../support/state/targets.ts';
import { describeStateContract } from './contract.ts';

describeStateContract('DynamoDB Local', dynamoDbLocalTarget, dynamoDbLocalUnavailable());
