import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ensureTable } from '../../state/dynamodb/ensure-table.ts';
import type { StackTemplate } from './stack-template.ts';

/** Creates the stack's tables as the template describes them, and has the stores check their shape. Answers their names. */
export async function createTables(template: StackTemplate, client: DynamoDBClient): Promise<string[]> {
  const names: string[] = [];
  for (const resource of template.resources.filter(({ type }) => type === 'AWS::DynamoDB::Table')) {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode } = template.resolve(resource);
    const name = `${template.stackName}-${resource.id}`;
    try {
      await client.send(
        new CreateTableCommand({
          TableName: name,
          KeySchema,
          AttributeDefinitions,
          GlobalSecondaryIndexes,
          BillingMode,
        } as CreateTableCommandInput),
      );
    } catch (error) {
      // A deployment over an earlier one goes on with its state.
      if ((error as Error).name !== 'ResourceInUseException') throw error;
    }
    await ensureTable(client, name);
    names.push(name);
  }
  return names;
}
