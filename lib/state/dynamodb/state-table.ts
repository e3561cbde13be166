/**
 * The one place that talks to DynamoDB. Every write is one conditional update of one item and carries a write id: where its condition is
 * refused, the item is read consistently, and finding our own id there means that an earlier try of this very write has landed although
 * its answer was lost.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { StateUnavailableException } from '../errors.ts';
import { INDEX_NAME } from '../table-shape.ts';
import { inFlight } from './in-flight.ts';
import { FORMAT, type Item, ItemReader, type Scalar, toAttribute } from './item.ts';
import { type ItemKey, isPossibleKey, keyText } from './keys.ts';
import { isConditionRefused, toStateError } from './service-errors.ts';

/** One conditional write. Attributes stand in expressions as `#name`, never bare: many of ours are reserved words. */
export interface ItemUpdate {
  /** null removes the attribute. */
  readonly set: Readonly<Record<string, Scalar | null>>;
  /** Further SET actions, e.g. `#epoch = #epoch + :one`. */
  readonly compute?: readonly string[];
  /** To a string set. */
  readonly add?: { readonly name: string; readonly texts: readonly string[] };
  /**
   * Written where one of these holds, each a conjunction. No parentheses: dynalite's parser needs exponential time for them (13 ms instead
   * of 1 ms per write). Without any the write is only protected against items of a newer format.
   */
  readonly when?: readonly string[];
  /** Of `when` and `compute`, without the colon; `:writeId` is there anyway. */
  readonly values?: Readonly<Record<string, Scalar>>;
  readonly returns?: 'ALL_OLD' | 'ALL_NEW';
}

/**
 * `written` carries the attributes asked for (null = none). `landed`: an earlier try had been written; the item as it is. `refused`: the
 * condition does not hold for this item (null = it does not exist).
 */
export type UpdateOutcome = { readonly written: Item | null } | { readonly landed: Item } | { readonly refused: Item | null };

/** One table through the few calls that the stores need. */
export class StateTable {
  readonly #client: DynamoDBClient;
  readonly name: string;
  /** Unique among all writers. */
  readonly newId: () => string;

  constructor(client: DynamoDBClient, name: string, newId: () => string) {
    this.#client = client;
    this.name = name;
    this.newId = newId;
  }

  async get(key: ItemKey): Promise<Item | null> {
    if (!isPossibleKey(key)) return null;
    try {
      const answer = await this.#client.send(new GetItemCommand({ TableName: this.name, Key: attributesOf(key), ConsistentRead: true }));
      return answer.Item ?? null;
    } catch (error) {
      throw toStateError(error, this.name, `reading ${keyText(key)}`);
    }
  }

  async update(key: ItemKey, update: ItemUpdate): Promise<UpdateOutcome> {
    const writeId = this.newId();
    const request = expressionsOf(update, writeId);
    try {
      const answer = await this.#client.send(
        new UpdateItemCommand({ TableName: this.name, Key: attributesOf(key), ReturnValues: update.returns ?? 'NONE', ...request }),
      );
      return { written: answer.Attributes === undefined || Object.keys(answer.Attributes).length === 0 ? null : answer.Attributes };
    } catch (error) {
      if (!isConditionRefused(error)) throw toStateError(error, this.name, `writing ${keyText(key)}`);
    }
    const item = await this.get(key);
    if (item?.writeId?.S === writeId) return { landed: item };
    // Says so where the item is of a newer format, which no condition of ours lets pass.
    if (item !== null) new ItemReader(item);
    return { refused: item };
  }

  /** With `only`: unless the attribute has another value by now. */
  async delete(key: ItemKey, only?: { readonly name: string; readonly value: string }): Promise<void> {
    if (!isPossibleKey(key)) return;
    const condition =
      only === undefined
        ? {}
        : {
            ConditionExpression: '#only = :only',
            ExpressionAttributeNames: { '#only': only.name },
            ExpressionAttributeValues: { ':only': { S: only.value } },
          };
    try {
      await this.#client.send(new DeleteItemCommand({ TableName: this.name, Key: attributesOf(key), ...condition }));
    } catch (error) {
      if (isConditionRefused(error)) return;
      throw toStateError(error, this.name, `removing ${keyText(key)}`);
    }
  }

  /** All items under `pk` whose sort key begins with `prefix`, in order of their keys; `limit` ends the search, with `more` saying so. */
  async query(pk: string, prefix: string, options: { limit?: number; keysOnly?: boolean } = {}): Promise<{ items: Item[]; more: boolean }> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      try {
        const answer = await this.#client.send(
          new QueryCommand({
            TableName: this.name,
            ConsistentRead: true,
            KeyConditionExpression: prefix === '' ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :prefix)',
            ExpressionAttributeNames: prefix === '' && options.keysOnly !== true ? { '#pk': 'pk' } : { '#pk': 'pk', '#sk': 'sk' },
            ExpressionAttributeValues: prefix === '' ? { ':pk': { S: pk } } : { ':pk': { S: pk }, ':prefix': { S: prefix } },
            ProjectionExpression: options.keysOnly === true ? '#pk, #sk' : undefined,
            Limit: options.limit === undefined ? undefined : options.limit - items.length,
            ExclusiveStartKey: start,
          }),
        );
        items.push(...(answer.Items ?? []));
        start = answer.LastEvaluatedKey;
      } catch (error) {
        throw toStateError(error, this.name, `listing ${pk} / ${prefix}…`);
      }
    } while (start !== undefined && (options.limit === undefined || items.length < options.limit));
    return { items, more: start !== undefined };
  }

  /** Everything of the index under one heading, a query per page of 1 MB. Of an index: may lag behind writes by moments. */
  async listing(heading: string): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      try {
        const answer = await this.#client.send(
          new QueryCommand({
            TableName: this.name,
            IndexName: INDEX_NAME,
            KeyConditionExpression: '#listing = :listing',
            ExpressionAttributeNames: { '#listing': 'listing' },
            ExpressionAttributeValues: { ':listing': { S: heading } },
            ExclusiveStartKey: start,
          }),
        );
        items.push(...(answer.Items ?? []));
        start = answer.LastEvaluatedKey;
      } catch (error) {
        throw toStateError(error, this.name, `listing ${heading} by index ${INDEX_NAME}`);
      }
    } while (start !== undefined);
    return items;
  }

  /** Items by key, in any order; those that do not exist are absent. One read unit per item at least. */
  async getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    const batches: ItemKey[][] = [];
    for (let at = 0; at < keys.length; at += 100) batches.push(keys.slice(at, at + 100));
    return (await inFlight(batches, (batch) => this.#getBatch(batch))).flat();
  }

  async #getBatch(batch: readonly ItemKey[]): Promise<Item[]> {
    const items: Item[] = [];
    let keys: Item[] | undefined = batch.map(attributesOf);
    for (let emptyAnswers = 0; keys !== undefined && keys.length > 0; ) {
      const asked: Item[] = keys;
      try {
        const answer = await this.#client.send(
          new BatchGetItemCommand({ RequestItems: { [this.name]: { Keys: asked, ConsistentRead: true } } }),
        );
        items.push(...(answer.Responses?.[this.name] ?? []));
        keys = answer.UnprocessedKeys?.[this.name]?.Keys;
      } catch (error) {
        throw toStateError(error, this.name, `reading ${asked.length} items`);
      }
      // Unprocessed keys are how DynamoDB throttles a batch; with nothing done at all, repeatedly, it is an outage.
      if (keys?.length === asked.length && ++emptyAnswers === 3) {
        throw new StateUnavailableException(`reading ${asked.length} items in table ${this.name} failed: throttled`);
      }
    }
    return items;
  }
}

function attributesOf(key: ItemKey): Item {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

// A comparison with an attribute that is not there is false.
const NOT_NEWER = 'NOT #format > :format';

function expressionsOf(update: ItemUpdate, writeId: string) {
  const values: Record<string, AttributeValue> = { ':format': { N: String(FORMAT) }, ':writeId': { S: writeId } };
  for (const [name, value] of Object.entries(update.values ?? {})) values[`:${name}`] = toAttribute(value);
  const sets = ['#format = :format', '#writeId = :writeId', ...(update.compute ?? [])];
  const removes: string[] = [];
  for (const [name, value] of Object.entries(update.set)) {
    if (value === null) {
      removes.push(`#${name}`);
    } else {
      sets.push(`#${name} = :set_${name}`);
      values[`:set_${name}`] = toAttribute(value);
    }
  }
  let expression = `SET ${sets.join(', ')}`;
  if (removes.length > 0) expression += ` REMOVE ${removes.join(', ')}`;
  if (update.add !== undefined) {
    expression += ` ADD #${update.add.name} :added`;
    values[':added'] = { SS: [...update.add.texts] };
  }
  const condition = update.when?.map((one) => `${NOT_NEWER} AND ${one}`).join(' OR ') ?? NOT_NEWER;
  return {
    UpdateExpression: expression,
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(`${expression} ${condition}`),
    ExpressionAttributeValues: values,
  };
}

function namesIn(expression: string): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [token, name] of expression.matchAll(/#(\w+)/g)) names[token] = name as string;
  return names;
}
