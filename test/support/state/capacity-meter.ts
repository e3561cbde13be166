import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface Consumed {
  readonly CapacityUnits?: number;
}

/** Adds up what calls cost, in write and read units, as DynamoDB itself reports it. */
export class CapacityMeter {
  writeUnits = 0;
  readUnits = 0;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        const consumed = (answer.output as { ConsumedCapacity?: Consumed | Consumed[] }).ConsumedCapacity;
        const units = [consumed ?? []].flat().reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
        if (/^(Update|Put|Delete)Item/.test(context.commandName ?? '')) this.writeUnits += units;
        else this.readUnits += units;
        return answer;
      },
      { step: 'initialize', name: 'capacityMeter' },
    );
  }

  /** What `act` cost. */
  async measure(act: () => Promise<unknown>): Promise<{ writeUnits: number; readUnits: number }> {
    this.writeUnits = 0;
    this.readUnits = 0;
    await act();
    return { writeUnits: this.writeUnits, readUnits: this.readUnits };
  }
}
