import middy from '@middy/core';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { renameProblem } from '../lib/config/connector-renames.ts';
import { regroupingProblem } from '../lib/config/sink-groups.ts';
import { SYSTEM_CLOCK } from '../lib/core/system-clock.ts';
import { applyConfiguration } from '../lib/state/apply-configuration.ts';
import { createDynamoDbClient } from '../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../lib/state/dynamodb/create-dynamodb-stores.ts';
import { TABLE_VARIABLE } from './function-environment.ts';
import { answerCloudFormation } from './middleware/answer-cloudformation.ts';

const { configs } = createDynamoDbStores({ client: createDynamoDbClient(), table: process.env[TABLE_VARIABLE] ?? '' });

/** Writes the configuration that a deployment declares; a connector that leaves the stack stops, and keeps its state unless told otherwise. */
export const handler = middy<CloudFormationCustomResourceEvent, string>()
  .use(answerCloudFormation())
  .handler(async (event) => {
    const { RequestType, ResourceProperties } = event;
    if (ResourceProperties.connectors !== undefined) {
      const { connectors, groups = {}, renames } = ResourceProperties;
      const before = RequestType === 'Update' ? event.OldResourceProperties : ResourceProperties;
      const problem = renameProblem(before.connectors, connectors) ?? regroupingProblem(before.groups ?? {}, groups);
      if (problem !== null && renames !== 'confirmed') throw new Error(problem);
      return 'connectors';
    }
    const { connector: name, config, initialState, writer, onRemoval } = ResourceProperties;
    if (RequestType !== 'Delete') {
      await applyConfiguration(configs, { name, config: JSON.parse(config), initialState, writer, nowMs: SYSTEM_CLOCK.now() });
    } else if (onRemoval === 'delete') await configs.delete(name);
    else if ((await configs.connector(name)) !== null) await configs.setTargetState(name, 'STOPPED');
    return name;
  });
